/**
 * The synchronous face of the flags: evaluated in the process, from memory, without I/O. It never
 * throws; what cannot be decided is unresolved, with the reason.
 *
 * Within a request all its answers come from one snapshot, and the context may be left out: then
 * the flags are evaluated for whom the option `context` names. A stream of events is one request
 * for as long as it lasts; work that goes on after the response sees the present flags.
 */
import { Injectable } from '@nestjs/common';
import type { FlagDefinitionCacheData } from './core/definitions/flag-definitions.js';
import type { EvaluationContext } from './core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from './core/evaluation/flag-evaluation.js';
import type { ExplainOptions, FlagExplanation } from './core/evaluation/flag-explanation.js';
import type { FlagSnapshot } from './core/evaluation/flag-snapshot.js';
import { OverrideStack } from './core/overrides/override-stack.js';
import { SnapshotStore } from './core/snapshot/snapshot-store.js';
import { unloadedSnapshot } from './core/snapshot/unloaded-snapshot.js';
import { unexposed, type EvaluateOptions } from './evaluate-options.js';
import { nobody } from './request/nobody.js';
import { RequestScopes } from './request/request-scopes.js';

/** @publicApi */
@Injectable()
export class LocalFlags {
  constructor(
    private readonly store: SnapshotStore,
    private readonly scopes: RequestScopes,
    private readonly overrides: OverrideStack,
  ) {}

  /** Evaluates one flag. */
  evaluate(
    key: string,
    context?: EvaluationContext,
    options?: Pick<EvaluateOptions, 'exposure'>,
  ): FlagEvaluation {
    const scope = this.scopes.current;
    const asked = context ?? scope?.contextNow();
    const evaluation =
      context === undefined && scope !== undefined
        ? scope.evaluate(key, asked)
        : this.snapshot.evaluate(key, asked ?? nobody);
    const { exposures } = this.scopes;
    if (exposures === undefined || options?.exposure === false) return evaluation;
    return exposures.record(evaluation, asked, this.snapshot);
  }

  /** Evaluates all flags, or those named; a named flag that does not exist is unresolved. */
  evaluateAll(
    context?: EvaluationContext,
    keys?: readonly string[],
  ): ReadonlyMap<string, FlagEvaluation> {
    return new Map(this.snapshot.evaluateAll(this.contextOr(context), keys));
  }

  /** True when the flag is on or has a variant; false when it is off or unresolved. */
  isEnabled(
    key: string,
    context?: EvaluationContext,
    options?: Pick<EvaluateOptions, 'exposure'>,
  ): boolean {
    return this.evaluate(key, context, options).enabled;
  }

  /** The key of the flag's variant; undefined when it has none or is unresolved. */
  variant(
    key: string,
    context?: EvaluationContext,
    options?: Pick<EvaluateOptions, 'exposure'>,
  ): string | undefined {
    return this.evaluate(key, context, options).variant;
  }

  /**
   * The flag's payload, parsed from JSON and frozen; undefined when it has none or is unresolved.
   * `T` is a claim of the caller, nothing checks it.
   */
  payload<T = unknown>(key: string, context?: EvaluationContext): T | undefined {
    return this.evaluate(key, context, unexposed).payload as T | undefined;
  }

  /** Says why a flag has its value; values of properties are redacted unless asked for. */
  explain(key: string, context?: EvaluationContext, options?: ExplainOptions): FlagExplanation {
    return this.snapshot.explain(key, this.contextOr(context), options);
  }

  /**
   * The document that the flags are evaluated from, as PostHog wrote it: names, conditions,
   * payloads, group types, cohorts. It has no flags before the first load.
   */
  get definitions(): FlagDefinitionCacheData {
    return this.snapshot.definitions;
  }

  private get snapshot(): FlagSnapshot {
    const ofRequest = this.scopes.current?.snapshot;
    return ofRequest ?? this.overrides.over(this.store.current ?? unloadedSnapshot);
  }

  private contextOr(context: EvaluationContext | undefined): EvaluationContext {
    if (context !== undefined) return context;
    return this.scopes.current?.contextNow() ?? nobody;
  }
}
