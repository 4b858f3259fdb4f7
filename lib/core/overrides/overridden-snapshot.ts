/**
 * A snapshot with overrides above it: it answers for the flags that are overridden, and for all
 * others the one beneath does. Nothing else has to know of overrides, and where there are none
 * nothing stands in the way.
 *
 * An override is of one flag: flags that depend on it are evaluated as if it were not there.
 */
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagEvaluation, FlagEvaluations } from '../evaluation/flag-evaluation.js';
import type { ExplainOptions, FlagExplanation } from '../evaluation/flag-explanation.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import { explainBriefly } from '../evaluation/explain-flag.js';
import { namedEvaluations } from '../evaluation/lazy-evaluations.js';
import { payloadOf } from '../evaluation/payload.js';
import { propertyOf } from '../given/given-value.js';
import type { OverrideSet, ReadOverride } from './flag-overrides.js';

export interface OverrideLayer {
  readonly overrides: OverrideSet;
  /** Where the overrides come from, as an explanation names it: "… in code". */
  readonly origin: string;
  /** For whom they hold alone. Undefined: for everybody. */
  readonly distinctId?: string | undefined;
  /** Told when an overridden flag is evaluated for somebody else. */
  readonly onOtherPerson?: () => void;
}

export class OverriddenSnapshot implements FlagSnapshot {
  readonly revision: number;
  readonly #base: FlagSnapshot;
  readonly #layer: OverrideLayer;
  readonly #evaluations = new Map<string, FlagEvaluation>();

  constructor(base: FlagSnapshot, layer: OverrideLayer) {
    this.revision = base.revision;
    this.#base = base;
    this.#layer = layer;
  }

  get definitions(): FlagDefinitionCacheData {
    return this.#base.definitions;
  }

  /** A flag that is overridden to be away is none of them. */
  get keys(): readonly string[] {
    const { overrides } = this.#layer;
    const there = [...overrides].filter(([, { value }]) => value !== undefined);
    const others = this.#base.keys.filter((key) => !overrides.has(key));
    return [...others, ...there.map(([key]) => key)];
  }

  has(key: string): boolean {
    const override = this.#layer.overrides.get(key);
    return override === undefined ? this.#base.has(key) : override.value !== undefined;
  }

  definition(key: string): FlagDefinition | undefined {
    return this.#base.definition(key);
  }

  evaluate(key: string, context: EvaluationContext): FlagEvaluation {
    return this.#overridden(key, context) ?? this.#base.evaluate(key, context);
  }

  evaluateAll(context: EvaluationContext, keys?: readonly string[]): FlagEvaluations {
    if (!this.#isFor(context)) {
      const named = keys ?? this.#base.keys;
      if (named.some((key) => this.#layer.overrides.has(key))) this.#layer.onOtherPerson?.();
      return this.#base.evaluateAll(context, keys);
    }
    const view = this.#base.evaluateAll(context, keys);
    return namedEvaluations(keys ?? this.keys, (key) => {
      const evaluation = this.#overridden(key, context) ?? view.get(key);
      return evaluation ?? this.#base.evaluate(key, context);
    });
  }

  explain(key: string, context: EvaluationContext, options?: ExplainOptions): FlagExplanation {
    const without = this.#base.explain(key, context, options);
    const evaluation = this.#overridden(key, context);
    if (evaluation === undefined) return without;
    const { origin } = this.#layer;
    const what =
      evaluation.value === undefined
        ? `"${key}" is unresolved: it was overridden ${origin}, as if there were no such flag.`
        : explainBriefly(evaluation).summary.replace(/\.$/, ` ${origin}.`);
    const summary = `${what} Without that: ${without.summary}`;
    return { key, evaluation, summary, conditions: [] };
  }

  #overridden(key: string, context: EvaluationContext): FlagEvaluation | undefined {
    const override = this.#layer.overrides.get(key);
    if (override === undefined) return undefined;
    if (!this.#isFor(context)) {
      this.#layer.onOtherPerson?.();
      return undefined;
    }
    const known = this.#evaluations.get(key);
    if (known !== undefined) return known;
    const evaluation = evaluationOf(key, override, this.#base.definition(key));
    this.#evaluations.set(key, evaluation);
    return evaluation;
  }

  #isFor(context: EvaluationContext): boolean {
    const { distinctId } = this.#layer;
    if (distinctId === undefined) return true;
    try {
      return propertyOf(context, 'distinctId') === distinctId;
    } catch {
      return false;
    }
  }
}

function evaluationOf(
  key: string,
  { value, payload }: ReadOverride,
  definition: FlagDefinition | undefined,
): FlagEvaluation {
  return Object.freeze<FlagEvaluation>({
    key,
    value,
    enabled: value !== undefined && value !== false,
    variant: typeof value === 'string' ? value : undefined,
    payload: payload === undefined ? definedPayload(value, definition) : payload.own,
    reason: value === undefined ? 'unknown_flag' : 'override',
    conditionIndex: undefined,
    origin: 'override',
    revision: undefined,
  });
}

/** Who overrides a flag with one of its variants wants to see that variant whole. */
function definedPayload(value: ReadOverride['value'], definition?: FlagDefinition): unknown {
  if (value === undefined || value === false || definition === undefined) return undefined;
  // Only the server can read these.
  if (definition.has_encrypted_payloads) return undefined;
  return payloadOf(definition.filters?.payloads, value);
}
