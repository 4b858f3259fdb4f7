/**
 * One flag, compiled: everything that does not depend on the context is decided here, once; the
 * rest is a plan that {@link decideFlag} follows for each context. A plan names the cohorts and
 * flags that it needs and holds none of them, so it can serve the next snapshot, too.
 */
import type { FlagDefinition, FlagFilters } from '../definitions/flag-definitions.js';
import { type Buckets, flagBuckets } from './bucketing.js';
import type { Compilation } from './compilation.js';
import { compileCondition, type CompiledCondition } from './compile-condition.js';
import { asRecord } from './definition-reader.js';
import { compileHoldout, type Holdout } from './holdout.js';
import { experienceContinuity, serverOnly, type Unknown, unsupported } from './match.js';
import { compileVariants, type VariantRanges } from './variants.js';

/** Whom a flag looks at, unless a condition says otherwise. */
export type FlagSubject =
  | { readonly by: 'distinct_id' | 'device_id' }
  | { readonly by: 'group'; readonly groupType: string };

// One for all flags: what is shared stays in the processor's cache when many flags are evaluated.
const byDistinctId: FlagSubject = { by: 'distinct_id' };
const byDevice: FlagSubject = { by: 'device_id' };

/** A flag with one answer for every context. */
export class FixedPlan {
  readonly refersToOthers = false;

  constructor(
    readonly definition: FlagDefinition,
    readonly fixed: 'disabled' | Unknown,
  ) {}
}

/** A flag that has to look at the context. A class, so that all plans are of one shape for V8. */
export class ConditionalPlan {
  readonly fixed = undefined;
  /** Whether it names a cohort or another flag. */
  readonly refersToOthers: boolean;
  readonly holdout: Holdout | undefined;
  readonly variants: VariantRanges;
  readonly earlyExit: boolean;
  readonly buckets: Buckets;

  constructor(
    readonly definition: FlagDefinition,
    readonly subject: FlagSubject,
    readonly conditions: readonly CompiledCondition[],
  ) {
    const filters = definition.filters ?? {};
    this.holdout = compileHoldout(filters.holdout);
    this.variants = compileVariants(filters.multivariate?.variants ?? []);
    this.earlyExit = Boolean(filters.early_exit);
    this.buckets = flagBuckets(definition.key);
    this.refersToOthers = conditions.some((condition) =>
      condition.filters.some(({ kind }) => kind !== 'property'),
    );
  }
}

export type FlagPlan = FixedPlan | ConditionalPlan;

export function compileFlag(definition: FlagDefinition, compilation: Compilation): FlagPlan {
  const fixed = fixedAnswer(definition, compilation);
  if (fixed !== undefined) return new FixedPlan(definition, fixed);
  try {
    return compileConditions(definition, compilation);
  } catch {
    // A shape that no definition has.
    return new FixedPlan(definition, serverOnly);
  }
}

function fixedAnswer(
  definition: FlagDefinition,
  compilation: Compilation,
): FixedPlan['fixed'] | undefined {
  if (!definition.active) return 'disabled';
  if (definition.ensure_experience_continuity) return experienceContinuity;
  return compilation.refusesServerFeatures && usesServerFeature(definition)
    ? serverOnly
    : undefined;
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

function compileConditions(definition: FlagDefinition, compilation: Compilation): FlagPlan {
  const { key } = definition;
  const filters: FlagFilters = definition.filters ?? {};
  const subject = compileFlagSubject(definition, filters, compilation);
  if (subject === undefined) return new FixedPlan(definition, unsupported);
  const conditions = (filters.groups ?? []).map((condition, index) =>
    compileCondition(condition, index, { key, filters }, compilation),
  );
  return new ConditionalPlan(definition, subject, conditions);
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
