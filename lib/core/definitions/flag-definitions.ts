/**
 * The definitions as PostHog sends them (`GET {host}/flags/definitions`), field by field.
 * These are wire types: names and spellings are PostHog's. Fields that this library does not
 * know survive a round trip through a cache. The types leave them out, so that the types of
 * posthog-node are assignable to these.
 */

/** A value that JSON can carry. @publicApi */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One comparison: a property, a cohort membership or another flag's value. @publicApi */
export interface PropertyFilter {
  /** Name of the property; for `type: 'flag'` the key of the other flag; for a cohort, `id`. */
  readonly key: string;
  /** `person`, `group`, `cohort`, `flag`, `person_metadata`; absent counts as a property. */
  readonly type?: string;
  readonly value?: unknown;
  /** Absent, null or empty counts as `exact`. */
  readonly operator?: string | null;
  /** Inverts the answer; only read in the leaves of a cohort. */
  readonly negation?: boolean | null;
  readonly group_type_index?: number | null;
  readonly label?: string | null;
  readonly cohort_name?: string | null;
  /** `type: 'flag'` only: keys in the order of evaluation, the target last; `[]` means a cycle. */
  readonly dependency_chain?: readonly string[];
}

/** A node of a cohort: AND or OR over groups or over filters. `{}` is everybody. @publicApi */
export interface CohortDefinition {
  readonly type?: string;
  readonly values?: readonly (CohortDefinition | PropertyFilter)[];
}

/** A release condition: all filters must match, then the rollout decides. @publicApi */
export interface ConditionGroup {
  readonly properties?: readonly PropertyFilter[] | null;
  /** 0 to 100; absent or null means everybody. */
  readonly rollout_percentage?: number | null;
  /** Variant given to everybody whom this condition matches. */
  readonly variant?: string | null;
  /** Absent: as the flag. Null: people. A number: groups of that type. */
  readonly aggregation_group_type_index?: number | null;
  readonly description?: string | null;
  readonly sort_key?: string | number | null;
}

/** @publicApi */
export interface VariantDefinition {
  readonly key: string;
  readonly name?: string | null;
  readonly rollout_percentage: number;
}

/** @publicApi */
export interface FlagFilters {
  readonly groups?: readonly ConditionGroup[] | null;
  readonly multivariate?: { readonly variants?: readonly VariantDefinition[] | null } | null;
  /** JSON text by variant key, or by `"true"` for a flag without variants. */
  readonly payloads?: Readonly<Record<string, unknown>> | null;
  readonly aggregation_group_type_index?: number | null;
  readonly early_exit?: boolean | null;
  readonly holdout?: { readonly id?: unknown; readonly exclusion_percentage?: unknown } | null;
  /** 2 means rules that no SDK evaluates yet; absent or 1 are the ones above. */
  readonly version?: number | null;
  /** Evaluated by the server alone, as are the next two. */
  readonly super_groups?: unknown;
  readonly holdout_groups?: unknown;
  readonly feature_enrollment?: unknown;
}

/** All that PostHog says of one flag. @publicApi */
export interface FlagDefinition {
  readonly id?: number;
  readonly team_id?: number | null;
  readonly key: string;
  readonly name?: string | null;
  readonly active?: boolean;
  readonly deleted?: boolean | null;
  readonly version?: number | null;
  readonly filters?: FlagFilters | null;
  readonly ensure_experience_continuity?: boolean | null;
  readonly has_experiment?: boolean | null;
  readonly experiment_set?: readonly unknown[] | null;
  /** A remnant of PostHog's early days; the rollout stands in the conditions. */
  readonly rollout_percentage?: number | null;
  readonly has_encrypted_payloads?: boolean | null;
  /** `all`, `client` or `server`; absent or null means `all`. */
  readonly evaluation_runtime?: string | null;
  readonly evaluation_contexts?: readonly string[] | null;
  /** The name of `evaluation_contexts` on servers before March 2026. */
  readonly evaluation_tags?: readonly string[] | null;
  /** `distinct_id` or `device_id`; absent, null or empty means `distinct_id`. */
  readonly bucketing_identifier?: string | null;
}

/**
 * The whole document, as it comes from PostHog, as posthog-node 5.70 hands it to a cache
 * provider (both spellings), or as an older SDK wrote it (camelCase only). Where both spellings
 * are present, snake_case wins.
 * @publicApi
 */
export interface FlagDefinitionCacheData {
  readonly flags: readonly FlagDefinition[];
  readonly group_type_mapping?: Readonly<Record<string, string>> | null;
  readonly groupTypeMapping?: Readonly<Record<string, string>> | null;
  readonly cohorts?: Readonly<Record<string, CohortDefinition>> | null;
  readonly minimal_flag_called_events?: boolean | null;
  readonly minimalFlagCalledEvents?: boolean | null;
  /** 2 selects the newer rules of `exact`; anything else, or nothing, the legacy rules. */
  readonly property_matching_version?: number | null;
  readonly propertyMatchingVersion?: number | null;
}
