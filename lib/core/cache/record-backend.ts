/**
 * The port to a store of records that is not open yet: what an app names in its options. It is
 * opened when the app starts, with what only the library knows by then. What is wrong with it is
 * told with all other mistakes in the options, so making one never throws.
 */
import { hasMethod } from '../given/given-value.js';
import type { Clock } from '../time/clock.js';
import type { Awaitable } from './flag-definition-cache-provider.js';
import type { RecordStore } from './record-store.js';

/** What a backend is opened with. @publicApi */
export interface RecordSettings {
  /** Belongs to the source: caches of other projects have other keys. Undefined: it has none. */
  readonly identity: string | undefined;
  /** How long one command may take, in milliseconds. */
  readonly commandTimeoutMs: number;
  readonly clock: Clock;
}

/** Where definitions lie, before it is opened. @publicApi */
export interface RecordBackend {
  /** What is wrong with what it was given, a sentence or two each; the app does not start then. */
  readonly mistakes?: readonly string[];
  /** Does not wait for a connection, which may come later. */
  open(settings: RecordSettings): Awaitable<RecordStore>;
}

export function isRecordBackend(value: unknown): value is RecordBackend {
  return hasMethod(value, 'open');
}
