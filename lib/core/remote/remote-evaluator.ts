/**
 * The port to whoever can decide what local facts do not suffice for: PostHog's `/flags`. It
 * answers, it does not reject: every way in which a question can end is a value here.
 */
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { DecidedReason, FlagValue } from '../evaluation/flag-evaluation.js';

/** What is asked: some flags, or all, for one person. @publicApi */
export interface RemoteQuestion {
  readonly context: EvaluationContext;
  /** Undefined: all flags. Never empty. */
  readonly keys: readonly string[] | undefined;
}

/** One flag as the server has decided it. @publicApi */
export interface RemoteFlag {
  readonly key: string;
  readonly value: FlagValue;
  /** Parsed from JSON and frozen; undefined when the value has none. */
  readonly payload: unknown;
  readonly reason: DecidedReason;
  readonly conditionIndex: number | undefined;
  /** Why, in the server's own words; for exposure events. */
  readonly reasonText?: string;
  /** Number of the flag and of its version, where the server tells. */
  readonly id?: number;
  readonly version?: number;
  /** Undefined: the server has not said it. */
  readonly hasExperiment?: boolean;
}

/** What went wrong with one question. @publicApi */
export interface RemoteFailure {
  readonly code:
    | 'quota-exceeded'
    | 'rate-limited' // 429
    | 'server-error' // 5xx
    | 'unexpected-status' // any other status
    | 'timeout'
    | 'network'
    | 'invalid-answer' // an answer that is none, such as a web page
    | 'invalid-question' // a property that JSON cannot carry
    | 'not-asked' // asked in vain so often lately that it is left alone for a while
    | 'closed';
  /** What failed, on what, why probably, what to do. Holds no key and no property. */
  readonly message: string;
  /** HTTP status, when there was one. */
  readonly status?: number;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** How one question ended. @publicApi */
export type RemoteAnswer =
  | {
      readonly kind: 'flags';
      /** Those that were decided. One that was asked for and is missing does not exist. */
      readonly flags: ReadonlyMap<string, RemoteFlag>;
      /** False: the server could not compute all; a flag that is missing may exist. */
      readonly isComplete: boolean;
      /** PostHog's name for the request, for exposure events. */
      readonly requestId?: string;
      /** When the server evaluated, in milliseconds since 1970. */
      readonly evaluatedAt?: number;
      /** The project wants small exposure events. Undefined: not said. */
      readonly minimalEvents?: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: RemoteFailure };

/** @publicApi */
export interface RemoteEvaluator {
  /** Who is asked, for logs and status: a host, never a secret. */
  readonly description: string;
  /**
   * Tells one project at one host from another, as the `identity` of a `DefinitionSource` does; no
   * secret. Where both are known and differ, the log warns at start.
   */
  readonly identity?: string;
  /**
   * Asks once, retries included, within a deadline of its own. Does not reject.
   * @param signal aborted when the app shuts down
   */
  evaluate(question: RemoteQuestion, signal: AbortSignal): Promise<RemoteAnswer>;
}
