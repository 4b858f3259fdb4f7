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
import type { Decidable, EvaluationRun } from './evaluation-run.js';
import type { Outcome } from './flag-outcomes.js';
import type { CompileOptions } from './flag-snapshot.js';
import type { OperatorRules } from './operators/property-test.js';
import { ReferenceGraph } from './reference-graph.js';
import { isCohortNode, referencesOfCohort, referencesOfFlag } from './references.js';

export class CompiledFlag implements Decidable {
  constructor(
    readonly plan: FlagPlan,
    readonly position: number,
  ) {}

  /** Unresolved when the evaluation could not even begin. */
  decide(run: EvaluationRun): Outcome {
    if (run.unknown !== undefined) return this.plan.outcomes.unresolved(run.unknown);
    return decideFlag(this.plan, run);
  }
}

export class DefinitionIndex implements Compilation {
  /** The place of each flag, in the order of the definitions. */
  readonly positions: ReadonlyMap<string, number>;
  readonly rules: OperatorRules;
  readonly refusesServerFeatures: boolean;
  readonly revision: number;
  readonly #filteredOut = new Set<string>();
  readonly #groupTypes: Readonly<Record<string, unknown>>;
  readonly #cohorts: Readonly<Record<string, unknown>>;
  readonly #references: ReferenceGraph;
  readonly #flagDefinitions: FlagDefinition[] = [];
  readonly #compiledFlags: (CompiledFlag | undefined)[] = [];
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
    this.positions = this.#indexFlags(data, new Set(options.evaluationContexts));
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
    const position = this.positions.get(key);
    return position === undefined ? undefined : this.#flagDefinitions[position];
  }

  flag(key: string): CompiledFlag | undefined {
    const position = this.positions.get(key);
    if (position === undefined) return undefined;
    return this.flagAt(position);
  }

  /** The position must be one of {@link positions}. */
  flagAt(position: number): CompiledFlag {
    return this.#compiledFlags[position] ?? this.#compile(position);
  }

  isFilteredOut(key: string): boolean {
    return this.#filteredOut.has(key);
  }

  isBlocked(from: string, to: string): boolean {
    return this.#references.isBlocked(from, to);
  }

  #compile(position: number): CompiledFlag {
    const definition = this.#flagDefinitions[position] as FlagDefinition;
    const flag = new CompiledFlag(compileFlag(definition, this), position);
    this.#compiledFlags[position] = flag;
    return flag;
  }

  /**
   * Of two flags with one key the later one counts. What is no flag at all is passed over. Plain
   * variables and no second look: with thousands of flags this is what loading takes.
   */
  #indexFlags(
    data: FlagDefinitionCacheData,
    contexts: ReadonlySet<string>,
  ): ReadonlyMap<string, number> {
    const positions = new Map<string, number>();
    const definitions = this.#flagDefinitions;
    for (const candidate of listOf(data.flags)) {
      const flag = candidate as FlagDefinition | null | undefined;
      if (typeof flag?.key !== 'string') continue;
      const { key } = flag;
      if (contexts.size > 0 && !isFor(contexts, flag)) {
        this.#filteredOut.add(key);
        continue;
      }
      const position = positions.get(key);
      if (position === undefined) {
        positions.set(key, definitions.length);
        definitions.push(flag);
      } else {
        definitions[position] = flag;
      }
    }
    return positions;
  }

  #referencesOf(node: string): readonly string[] {
    const id = node.slice(node.indexOf(':') + 1);
    if (isCohortNode(node)) return referencesOfCohort(this.cohortDefinition(id));
    const flag = this.flagDefinition(id);
    return flag === undefined ? [] : referencesOfFlag(flag);
  }
}

/** A flag without evaluation contexts is for all; one with some needs one in common with ours. */
function isFor(contexts: ReadonlySet<string>, flag: FlagDefinition): boolean {
  const own = listOf(flag.evaluation_contexts ?? flag.evaluation_tags);
  return own.length === 0 || own.some((context) => contexts.has(context as string));
}
