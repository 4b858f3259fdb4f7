/**
 * Why a flag has its value for one context: condition by condition, filter by filter, with the
 * buckets. Made for people (pages, support, tests), not for the hot path.
 */
import type { FlagEvaluation, UnresolvedReason } from './flag-evaluation.js';

/** What one filter answered. @publicApi */
export interface FilterExplanation {
  readonly kind: 'property' | 'cohort' | 'flag' | 'group';
  /** Name of the property, id of the cohort, key of the flag; `AND`/`OR` for a cohort's node. */
  readonly key: string;
  readonly operator: string;
  /** What the definition asks for. */
  readonly expected?: unknown;
  /** What the context holds: `'[redacted]'` unless values were asked for; absent when missing. */
  readonly actual?: unknown;
  readonly outcome: 'yes' | 'no' | 'unknown';
  /** Why the outcome is unknown. */
  readonly reason?: UnresolvedReason;
  /** The outcome is the opposite of what the filter itself answered (in cohorts only). */
  readonly negated?: boolean;
  /** Parts of a cohort. */
  readonly parts?: readonly FilterExplanation[];
}

/** What one condition answered. @publicApi */
export interface ConditionExplanation {
  readonly index: number;
  readonly outcome:
    | 'match'
    | 'no_match'
    | 'out_of_rollout'
    | 'unresolved'
    | 'skipped' // its group type is not in the context
    | 'not_reached'; // an earlier condition had already decided
  readonly reason?: UnresolvedReason;
  readonly description?: string;
  readonly filters: readonly FilterExplanation[];
  /** Bucket and percentage, both 0 to 100; the id is in when `bucket <= percentage`. */
  readonly rollout?: {
    readonly percentage: number;
    readonly bucket: number;
    readonly included: boolean;
  };
  /** The variant that this condition prescribes. */
  readonly variantOverride?: string;
}

/** @publicApi */
export interface FlagExplanation {
  readonly key: string;
  readonly evaluation: FlagEvaluation;
  /** One sentence that a person can read. */
  readonly summary: string;
  /** What the hash is taken of. */
  readonly bucketing?: {
    readonly by: 'distinct_id' | 'device_id' | 'group';
    readonly groupType?: string;
  };
  readonly holdout?: {
    readonly id: string;
    readonly percentage: number;
    readonly bucket: number;
    readonly included: boolean;
  };
  readonly conditions: readonly ConditionExplanation[];
  /** The ranges of the variants, 0 to 100, and the bucket that fell into one of them. */
  readonly variants?: {
    readonly bucket: number | undefined;
    readonly ranges: readonly {
      readonly key: string;
      readonly from: number;
      readonly to: number;
    }[];
  };
}

/** @publicApi */
export interface ExplainOptions {
  /** Show the values of properties instead of `'[redacted]'`. @default false */
  readonly showValues?: boolean;
}
