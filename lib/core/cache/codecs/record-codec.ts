/**
 * The port to what becomes of a body on its way into the store and back: one step of a pipeline
 * that begins with JSON. A codec knows nothing of stores and of coordination. It need not keep a
 * deadline: who reads and who publishes is bounded by the option `cacheTimeoutMs`.
 */
import type { Awaitable } from '../flag-definition-cache-provider.js';

/** What is known of the record beside its body, the same when it is written and when it is read. @publicApi */
export interface RecordFacts {
  readonly schema: number;
  /** SHA-256 of the definitions, as the head says. */
  readonly digest: string;
  /** The whole chain, as the head says: `json+gzip+sealed`. */
  readonly codec: string;
  /** Undefined where the coordination gives none before it publishes. */
  readonly revision: number | undefined;
  /** What tells this cache apart from others in the same place; undefined where nothing does. */
  readonly key: string | undefined;
  /** Most bytes that decoding may give. */
  readonly maxBytes: number;
}

/** @publicApi */
export interface RecordCodec {
  /**
   * Stands in the head of each record that it has encoded: 1 to 32 small letters, digits and `-`.
   * Left out by a codec that changes no bytes, which then sees every record.
   */
  readonly name?: string;
  /** True: a record without it is refused. Else it is read as it lies there. @default false */
  readonly isRequired?: boolean;
  /** What is wrong with what it was given, a sentence or two each; the app does not start then. */
  readonly mistakes?: readonly string[];
  /** @throws whatever keeps it from being published. */
  encode(bytes: Uint8Array, facts: RecordFacts): Awaitable<Uint8Array>;
  /**
   * Gives no more than `facts.maxBytes`.
   * @throws FlagsError `foreign-value` for what nobody can have encoded, `invalid-definitions` for
   * what is only too much here.
   */
  decode(bytes: Uint8Array, facts: RecordFacts): Awaitable<Uint8Array>;
}
