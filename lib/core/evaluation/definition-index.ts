/**
 * The definitions by key, and what has been compiled of them so far. Building it costs one pass
 * over the flags; a flag or a cohort is compiled when an evaluation first needs it.
 */
import type { FlagDefinition, FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { CohortNode, Compilation } from './compilation.js';
import { compileCohort } from './compile-cohort.js';
import { compileFlag, type FlagPlan } from './compile-flag.js';
import { CompiledFlag } from './compiled-flag.js';
import { changedNodes, type ReferencedDefinitions } from './changed-nodes.js';
import { asRecord, listOf } from './definition-reader.js';
import type { CompileOptions } from './flag-snapshot.js';
import type { OperatorRules } from './operators/property-test.js';
import { ReferenceGraph } from './reference-graph.js';
import { flagNode, isCohortNode, referencesOfCohort, referencesOfFlag } from './references.js';

const none: Readonly<Record<string, unknown>> = Object.freeze({});

/** Content of a flag that is there, but not for us. */
const filteredOut = Symbol('filtered out');

export class DefinitionIndex implements Compilation, ReferencedDefinitions {
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
  /** Of flags that are as they were in the snapshot before this one, by position. */
  readonly #keptPlans: (FlagPlan | undefined)[] = [];

  constructor(data: FlagDefinitionCacheData, options: CompileOptions, previous?: DefinitionIndex) {
    const version = data.property_matching_version ?? data.propertyMatchingVersion;
    this.rules = {
      integersAreComparable: options.compat === undefined,
      strictTruth: version === 2,
    };
    this.refusesServerFeatures = options.compat === undefined;
    this.revision = options.revision ?? 0;
    this.#groupTypes = asRecord(data.group_type_mapping ?? data.groupTypeMapping) ?? none;
    this.#cohorts = asRecord(data.cohorts) ?? none;
    this.positions = this.#indexFlags(data, new Set(options.evaluationContexts));
    this.#references = new ReferenceGraph((node) => this.referencesOf(node));
    if (previous !== undefined && this.#hasTheRulesOf(previous)) this.#keepPlansOf(previous);
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

  referencesOf(node: string): readonly string[] {
    const id = idOf(node);
    if (isCohortNode(node)) return referencesOfCohort(this.cohortDefinition(id));
    const flag = this.flagDefinition(id);
    return flag === undefined ? [] : referencesOfFlag(flag);
  }

  contentOf(node: string): unknown {
    const id = idOf(node);
    if (isCohortNode(node)) return this.cohortDefinition(id);
    return this.flagDefinition(id) ?? (this.isFilteredOut(id) ? filteredOut : undefined);
  }

  #hasTheRulesOf(other: DefinitionIndex): boolean {
    return (
      this.rules.integersAreComparable === other.rules.integersAreComparable &&
      this.rules.strictTruth === other.rules.strictTruth &&
      this.#groupTypes === other.#groupTypes
    );
  }

  #compile(position: number): CompiledFlag {
    const definition = this.#flagDefinitions[position] as FlagDefinition;
    const plan = this.#keptPlans[position] ?? compileFlag(definition, this);
    const flag = new CompiledFlag(plan, position, this);
    this.#compiledFlags[position] = flag;
    return flag;
  }

  #keepPlansOf(previous: DefinitionIndex): void {
    const referring: string[] = [];
    for (const [position, definition] of this.#flagDefinitions.entries()) {
      const plan = previous.#planOf(definition);
      this.#keptPlans[position] = plan;
      if (plan?.refersToOthers) referring.push(flagNode(definition.key));
    }
    for (const node of changedNodes(referring, previous, this)) {
      const position = isCohortNode(node) ? undefined : this.positions.get(idOf(node));
      if (position !== undefined) this.#keptPlans[position] = undefined;
    }
  }

  /** Undefined for what is not compiled, or not the same here. */
  #planOf(definition: FlagDefinition): FlagPlan | undefined {
    const position = this.positions.get(definition.key);
    if (position === undefined || this.#flagDefinitions[position] !== definition) return undefined;
    return this.#compiledFlags[position]?.plan ?? this.#keptPlans[position];
  }

  /**
   * Of two flags with one key the later one counts. What is no flag at all is passed over. With
   * thousands of flags this pass is what loading takes.
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
}

/** A flag without evaluation contexts is for all; one with some needs one in common with ours. */
function isFor(contexts: ReadonlySet<string>, flag: FlagDefinition): boolean {
  const own = listOf(flag.evaluation_contexts ?? flag.evaluation_tags);
  return own.length === 0 || own.some((context) => contexts.has(context as string));
}

function idOf(node: string): string {
  return node.slice(node.indexOf(':') + 1);
}
