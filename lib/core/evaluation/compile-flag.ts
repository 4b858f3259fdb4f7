/**
 * One flag, compiled: everything that does not depend on the context is decided here, once; the
 * rest is a plan that {@link decideFlag} follows for each context.
 */
import type { FlagDefinition, FlagFilters } from '../definitions/flag-definitions.js';
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

interface FlagFacts {
  readonly key: string;
  readonly definition: FlagDefinition;
  readonly outcomes: FlagOutcomes;
}

/** A flag with one outcome for every context. */
export interface FixedPlan extends FlagFacts {
  readonly fixed: Outcome;
}

/** A flag that has to look at the context. */
export interface ConditionalPlan extends FlagFacts {
  readonly fixed: undefined;
  readonly subject: FlagSubject;
  readonly holdout: Holdout | undefined;
  readonly conditions: readonly CompiledCondition[];
  readonly variants: VariantRanges;
  readonly earlyExit: boolean;
  /** Whether the definition as a whole can be decided locally. */
  readonly support: () => DefinitionSupport;
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
  if (fixed !== undefined) return { ...facts, fixed };
  try {
    return compileConditions(facts, compilation);
  } catch {
    // A shape that no definition has.
    return { ...facts, fixed: facts.outcomes.unresolved(serverOnly) };
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
  if (subject === undefined) return { ...facts, fixed: outcomes.unresolved(unsupported) };
  let support: DefinitionSupport | undefined;
  return {
    ...facts,
    fixed: undefined,
    subject,
    holdout: compileHoldout(filters.holdout),
    conditions: (filters.groups ?? []).map((condition, index) =>
      compileCondition(condition, index, { key, filters }, compilation),
    ),
    variants: compileVariants(filters.multivariate?.variants ?? []),
    earlyExit: Boolean(filters.early_exit),
    support: () => (support ??= definitionSupport(definition, compilation)),
  };
}

/** Undefined when the flag looks at groups of a type that the definitions do not name. */
function compileFlagSubject(
  definition: FlagDefinition,
  filters: FlagFilters,
  compilation: Compilation,
): FlagSubject | undefined {
  const index = filters.aggregation_group_type_index;
  if (index === undefined || index === null) {
    return { by: definition.bucketing_identifier === 'device_id' ? 'device_id' : 'distinct_id' };
  }
  const groupType = compilation.groupType(index);
  return groupType === undefined ? undefined : { by: 'group', groupType };
}
