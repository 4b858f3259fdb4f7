/**
 * That somebody was shown the value of a flag: what experiments are counted with, and what PostHog
 * calls `$feature_flag_called`. It holds what is known of the evaluation, and of the person no more
 * than the id and the groups: no property, and no payload.
 */
import type { EvaluationOrigin, EvaluationReason } from '../evaluation/flag-evaluation.js';
import type { FlagValue } from '../evaluation/flag-evaluation.js';
import type { ExposureError } from '../remote/answer-facts.js';

/** @publicApi */
export interface Exposure {
  /** Key of the flag. */
  readonly key: string;
  /** Undefined: the flag was unresolved; `errors` says why. */
  readonly value: FlagValue | undefined;
  readonly distinctId: string;
  /** Key of the group by group type; empty when the context names none. */
  readonly groups: Readonly<Record<string, string>>;
  readonly origin: EvaluationOrigin;
  readonly reason: EvaluationReason;
  /** Why, in the words of the server that has decided it; undefined when none has. */
  readonly reasonText: string | undefined;
  /** Number of the flag in PostHog. */
  readonly flagId: number | undefined;
  readonly flagVersion: number | undefined;
  /** Whether the flag belongs to an experiment; undefined: not said. */
  readonly hasExperiment: boolean | undefined;
  /** Whether the definitions or the answer that decided it ask for small events; undefined: not said. */
  readonly minimalEvents: boolean | undefined;
  /** When this instance took the definitions over, in milliseconds since 1970. Only what was decided here has it. */
  readonly definitionsLoadedAt: number | undefined;
  /** PostHog's name for the request that has decided it. */
  readonly requestId: string | undefined;
  /** When it was decided, in milliseconds since 1970; undefined when the server has not said it. */
  readonly evaluatedAt: number | undefined;
  /** When the value was read, in milliseconds since 1970. */
  readonly readAt: number;
  readonly errors: readonly ExposureError[];
}
