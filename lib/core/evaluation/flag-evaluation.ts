/**
 * The result of an evaluation. Three-valued: `true` or a variant, `false`, or unresolved
 * (`value` is undefined) with the reason why.
 */

/** Who answered. @publicApi */
export type EvaluationOrigin = 'local' | 'remote' | 'fallback-cache' | 'override' | 'default';

/**
 * Why a flag has its value. The words are PostHog's where PostHog has a word: the first five
 * are reason codes of its `/flags` endpoint (shortened by nothing), the unresolved ones begin
 * with those of posthog-node 5.70.
 * @publicApi
 */
export type DecidedReason =
  /** A condition matched; `conditionIndex` says which. */
  | 'condition_match'
  /** No condition matched. */
  | 'no_condition_match'
  /** A condition matched, but the rollout excluded this id. */
  | 'out_of_rollout_bound'
  /** The flag is not active. */
  | 'disabled'
  /** The id belongs to the holdout group of an experiment. */
  | 'holdout_condition_value'
  /** A flag of a group type of which the context names no group: off. */
  | 'no_group_type'
  /** It was overridden: in code, by a test, or by a signed override of the request. */
  | 'override'
  /** The server has decided it, in a word of its own that this version does not know. */
  | 'evaluated_remotely';

/** Why a flag could not be decided locally. @publicApi */
export type UnresolvedReason =
  /** The definitions have no such flag (or it was filtered out by evaluation contexts). */
  | 'unknown_flag'
  /** No definitions are loaded yet. */
  | 'not_ready'
  /** The context has no usable distinct id. */
  | 'missing_distinct_id'
  /** A property that a condition needs is not in the context, or has no comparable value. */
  | 'missing_context'
  /** The definition uses something that only the server can evaluate. */
  | 'unsupported_definition'
  /** A flag that this one depends on is unresolved. */
  | 'unresolved_dependency'
  /** The flag keeps its value across log-in, which only the server can know. */
  | 'experience_continuity'
  /** The flag's evaluation failed unexpectedly, e.g. a property getter threw. */
  | 'evaluation_error';

/** @publicApi */
export type EvaluationReason = DecidedReason | UnresolvedReason;

/** The value of a flag: off, on, or the key of a variant. @publicApi */
export type FlagValue = boolean | string;

/**
 * The result of evaluating one flag. Frozen, and shared between equal results: do not change it.
 * @publicApi
 */
export interface FlagEvaluation {
  readonly key: string;
  /** `undefined` means unresolved; `reason` says why. */
  readonly value: FlagValue | undefined;
  /** True when the value is `true` or a variant. */
  readonly enabled: boolean;
  /** The variant's key, when the value is one. */
  readonly variant: string | undefined;
  /** The payload of the value, parsed from JSON and frozen; undefined when there is none. */
  readonly payload: unknown;
  readonly reason: EvaluationReason;
  /** Position of the condition that decided, for the reasons that have one. */
  readonly conditionIndex: number | undefined;
  readonly origin: EvaluationOrigin;
  /** Revision of the definitions that gave this answer; undefined when none did, e.g. an override. */
  readonly revision: number | undefined;
  /**
   * How old the answer is, in milliseconds, for one of the origin `remote` or `fallback-cache`.
   * What was decided here is as old as the definitions, see `FlagsService.status()`.
   */
  readonly ageMs?: number;
}

/** The results of many flags: a read-only view, computed when first asked for. @publicApi */
export interface FlagEvaluations extends Iterable<readonly [string, FlagEvaluation]> {
  readonly size: number;
  get(key: string): FlagEvaluation | undefined;
  has(key: string): boolean;
  /** Calls back for each flag, in order; cheaper than iterating, which makes a pair for each. */
  forEach(callback: (evaluation: FlagEvaluation, key: string) => void): void;
  /** Values by key; unresolved flags are left out, as PostHog's `getAllFlags` does. */
  toJSON(): Record<string, FlagValue>;
}
