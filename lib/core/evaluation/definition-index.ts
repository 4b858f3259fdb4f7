/**
 * The definitions by key, and what has been compiled of them so far. Building it costs one pass
 * over the flags; a flag or a cohort is compiled when an evaluation first needs it.
 */
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { CohortNode, Compilation } from './compilation.js';
import { compileCohort } from './compile-cohort.js';
import { compileFlag, type FlagPlan } from './compile-flag.js';
import { decideFlag } from './decide-flag.js';
import { asRecord, listOf } from './definition-reader.js';
import { EvaluationRun } from './evaluation-run.js';
import type { Outcome } from './flag-outcomes.js';
import type { CompileOptions } from './flag-snapshot.js';
import type { Unknown } from './match.js';
import type { OperatorRules } from './operators/property-test.js';
import { ReferenceGraph } from './reference-graph.js';
import { isCohortNode, referencesOfCohort, referencesOfFlag } from './references.js';

export interface CompiledFlag {
  readonly plan: FlagPlan;
  /** Decides the flag; unresolved when the evaluation could not even begin. */
  decide(run: EvaluationRun | Unknown): Outcome;
}

export class DefinitionIndex implements Compilation {
  readonly flags: ReadonlyMap<string, FlagDefinition>;
  readonly rules: OperatorRules;
  readonly refusesServerFeatures: boolean;
  readonly revision: number;
  readonly #filteredOut = new Set<string>();
  readonly #groupTypes: Readonly<Record<string, unknown>>;
  readonly #cohorts: Readonly<Record<string, unknown>>;
  readonly #references: ReferenceGraph;
  readonly #compiledFlags = new Map<string, CompiledFlag>();
  readonly #compiledCohorts = new Map<string, CohortNode>();

  constructor(data: FlagDefinitionCacheData, options: CompileOptions) {
    const version = data.property_matching_version ?? data.propertyMatchingVersion;
    this.rules = {
      integersAreComparable: options.compat === undefined,
      strictTruth: version === 2,
    };
    this.refusesServerFeatures = options.compat === undefined;
    this.revision = options.revision ?? 0;
    this.#groupTypes = asRecord(data.group_type_mapping ?? data.groupTypeMapping) ?? {};
    this.#cohorts = asRecord(data.cohorts) ?? {};
    this.flags = this.#indexFlags(data, new Set(options.evaluationContexts));
    this.#references = new ReferenceGraph((node) => this.#referencesOf(node));
  }

  groupType(index: unknown): string | undefined {
    const name = Object.hasOwn(this.#groupTypes, String(index))
      ? this.#groupTypes[String(index)]
      : undefined;
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  hasCohort(id: string): boolean {
    return Object.hasOwn(this.#cohorts, id);
  }

  cohortDefinition(id: string): unknown {
    return this.hasCohort(id) ? this.#cohorts[id] : undefined;
  }

  cohort(id: string): CohortNode {
    const known = this.#compiledCohorts.get(id);
    if (known !== undefined) return known;
    const cohort = compileCohort(id, this);
    this.#compiledCohorts.set(id, cohort);
    return cohort;
  }

  flagDefinition(key: string): FlagDefinition | undefined {
    return this.flags.get(key);
  }

  flag(key: string): CompiledFlag | undefined {
    const known = this.#compiledFlags.get(key);
    if (known !== undefined) return known;
    const definition = this.flags.get(key);
    if (definition === undefined) return undefined;
    const plan = compileFlag(definition, this);
    const flag: CompiledFlag = {
      plan,
      decide: (run) =>
        run instanceof EvaluationRun ? decideFlag(plan, run) : plan.outcomes.unresolved(run),
    };
    this.#compiledFlags.set(key, flag);
    return flag;
  }

  isFilteredOut(key: string): boolean {
    return this.#filteredOut.has(key);
  }

  isBlocked(from: string, to: string): boolean {
    return this.#references.isBlocked(from, to);
  }

  /** Of two flags with one key the later one counts. What is no flag at all is passed over. */
  #indexFlags(
    data: FlagDefinitionCacheData,
    contexts: ReadonlySet<string>,
  ): ReadonlyMap<string, FlagDefinition> {
    const flags = new Map<string, FlagDefinition>();
    for (const candidate of listOf(data.flags)) {
      const flag = candidate as FlagDefinition | null | undefined;
      if (typeof flag?.key !== 'string') continue;
      if (isFor(contexts, flag)) flags.set(flag.key, flag);
      else this.#filteredOut.add(flag.key);
    }
    return flags;
  }

  #referencesOf(node: string): readonly string[] {
    const id = node.slice(node.indexOf(':') + 1);
    if (isCohortNode(node)) return referencesOfCohort(this.cohortDefinition(id));
    const flag = this.flags.get(id);
    return flag === undefined ? [] : referencesOfFlag(flag);
  }
}

/** A flag without evaluation contexts is for all; one with some needs one in common with ours. */
function isFor(contexts: ReadonlySet<string>, flag: FlagDefinition): boolean {
  if (contexts.size === 0) return true;
  const own = listOf(flag.evaluation_contexts ?? flag.evaluation_tags);
  return own.length === 0 || own.some((context) => contexts.has(context as string));
}
