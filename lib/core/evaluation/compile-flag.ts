/**
 * One flag, compiled: everything that does not depend on the context is decided here, once; the
 * rest is a plan that {@link decideFlag} follows for each context.
 */
import type { FlagDefinition, FlagFilters } from '../definitions/flag-definitions.js';
import { type Buckets, flagBuckets } from './bucketing.js';
import type { Compilation } from './compilation.js';
import { compileCondition, type CompiledCondition } from './compile-condition.js';
import { asRecord } from './definition-reader.js';
import { definitionSupport, type DefinitionSupport } from './definition-support.js';
import { FlagOutcomes, type Outcome } from './flag-outcomes.js';
import { compileHoldout, type Holdout } from './holdout.js';
import { experienceContinuity, serverOnly, unsupported } from './match.js';
import { compileVariants, type VariantRanges } from './variants.js';

/** Whom a flag looks at, unless a condition says otherwise. */
export type FlagSubject =
  | { readonly by: 'distinct_id' | 'device_id' }
  | { readonly by: 'group'; readonly groupType: string };

// One for all flags: what is shared stays in the processor's cache when many flags are evaluated.
const byDistinctId: FlagSubject = { by: 'distinct_id' };
const byDevice: FlagSubject = { by: 'device_id' };

interface FlagFacts {
  readonly key: string;
  readonly definition: FlagDefinition;
  readonly outcomes: FlagOutcomes;
}

/** A flag with one outcome for every context. */
export class FixedPlan {
  readonly key: string;
  readonly definition: FlagDefinition;
  readonly outcomes: FlagOutcomes;

  constructor(
    { key, definition, outcomes }: FlagFacts,
    readonly fixed: Outcome,
  ) {
    this.key = key;
    this.definition = definition;
    this.outcomes = outcomes;
  }
}

/** A flag that has to look at the context. A class, so that all plans are of one shape for V8. */
export class ConditionalPlan {
  readonly key: string;
  readonly definition: FlagDefinition;
  readonly outcomes: FlagOutcomes;
  readonly fixed = undefined;
  readonly holdout: Holdout | undefined;
  readonly variants: VariantRanges;
  readonly earlyExit: boolean;
  readonly buckets: Buckets;
  readonly #compilation: Compilation;
  #support: DefinitionSupport | undefined;

  constructor(
    { key, definition, outcomes }: FlagFacts,
    readonly subject: FlagSubject,
    readonly conditions: readonly CompiledCondition[],
    compilation: Compilation,
  ) {
    const filters = definition.filters ?? {};
    this.key = key;
    this.definition = definition;
    this.outcomes = outcomes;
    this.holdout = compileHoldout(filters.holdout);
    this.variants = compileVariants(filters.multivariate?.variants ?? []);
    this.earlyExit = Boolean(filters.early_exit);
    this.buckets = flagBuckets(key);
    this.#compilation = compilation;
  }

  /** Whether the definition as a whole can be decided locally. */
  support(): DefinitionSupport {
    return (this.#support ??= definitionSupport(this.definition, this.#compilation));
  }
}

export type FlagPlan = FixedPlan | ConditionalPlan;

export function compileFlag(definition: FlagDefinition, compilation: Compilation): FlagPlan {
  const { key } = definition;
  const payloads = asRecord(definition.filters)?.['payloads'];
  const facts = {
    key,
    definition,
    outcomes: new FlagOutcomes(key, compilation.revision, payloads),
  };
  const fixed = fixedOutcome(facts, compilation);
  if (fixed !== undefined) return new FixedPlan(facts, fixed);
  try {
    return compileConditions(facts, compilation);
  } catch {
    // A shape that no definition has.
    return new FixedPlan(facts, facts.outcomes.unresolved(serverOnly));
  }
}

function fixedOutcome(
  { definition, outcomes }: FlagFacts,
  compilation: Compilation,
): Outcome | undefined {
  if (!definition.active) return outcomes.off('disabled');
  if (definition.ensure_experience_continuity) return outcomes.unresolved(experienceContinuity);
  if (compilation.refusesServerFeatures && usesServerFeature(definition)) {
    return outcomes.unresolved(serverOnly);
  }
  return undefined;
}

/** What the server evaluates and no SDK does; ignoring it could give another answer. */
function usesServerFeature(definition: FlagDefinition): boolean {
  const filters = asRecord(definition.filters) ?? {};
  return (
    isFilled(filters['super_groups']) ||
    isFilled(filters['holdout_groups']) ||
    isFilled(filters['feature_enrollment']) ||
    (filters['version'] ?? 1) !== 1 ||
    Boolean(definition.has_encrypted_payloads)
  );
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function compileConditions(facts: FlagFacts, compilation: Compilation): FlagPlan {
  const { key, definition, outcomes } = facts;
  const filters: FlagFilters = definition.filters ?? {};
  const subject = compileFlagSubject(definition, filters, compilation);
  if (subject === undefined) return new FixedPlan(facts, outcomes.unresolved(unsupported));
  const conditions = (filters.groups ?? []).map((condition, index) =>
    compileCondition(condition, index, { key, filters }, compilation),
  );
  return new ConditionalPlan(facts, subject, conditions, compilation);
}

/** Undefined when the flag looks at groups of a type that the definitions do not name. */
function compileFlagSubject(
  definition: FlagDefinition,
  filters: FlagFilters,
  compilation: Compilation,
): FlagSubject | undefined {
  const index = filters.aggregation_group_type_index;
  if (index === undefined || index === null) {
    return definition.bucketing_identifier === 'device_id' ? byDevice : byDistinctId;
  }
  const groupType = compilation.groupType(index);
  return groupType === undefined ? undefined : { by: 'group', groupType };
}
