/**
 * The port to the last known answers of a remote evaluator: what is served when it cannot be
 * asked. An answer belongs to everything that decided it (person, properties, groups), which the
 * name `person` stands for, and to the definitions under which it was given: a digest names them,
 * which is the same at every instance, as a revision is only where they share a cache.
 */
import type { Awaitable } from '../cache/flag-definition-cache-provider.js';
import type { DecidedReason, FlagValue } from '../evaluation/flag-evaluation.js';

/** An answer as it was given. @publicApi */
export interface KnownAnswer {
  readonly key: string;
  readonly value: FlagValue;
  /** As JSON has it; undefined when the value has none. */
  readonly payload: unknown;
  readonly reason: DecidedReason;
  readonly conditionIndex: number | undefined;
  /** Digest of the definitions that were loaded then; undefined when none were. */
  readonly digest: string | undefined;
  /** By the clock of who wrote it, in milliseconds since 1970. */
  readonly answeredAt: number;
}

/** @publicApi */
export interface FallbackCache {
  /** Where it is, for logs and status; never a secret. */
  readonly description: string;
  /**
   * The last answers known for a person.
   * @param person a digest: of 64 letters and digits, with nothing of the person in it
   */
  read(person: string, keys: readonly string[]): Awaitable<ReadonlyMap<string, KnownAnswer>>;
  /** Keeps answers, each in the place of the one before it. */
  write(person: string, answers: readonly KnownAnswer[]): Awaitable<void>;
  /** Forgets everything that it has written, and nothing of others. */
  clear(): Awaitable<void>;
  close?(): Awaitable<void>;
}

/** How a fallback cache is used. */
export interface FallbackSettings {
  /** How long an answer is fresh, in milliseconds. */
  readonly ttlMs: number;
  /** How old an answer may be that is served because the remote evaluator failed. */
  readonly staleTtlMs: number;
  /** A fresh answer saves the question. */
  readonly serveFresh: boolean;
}
