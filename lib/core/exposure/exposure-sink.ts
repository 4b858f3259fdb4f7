/**
 * The port to whoever takes exposures: a client of PostHog, our own sender, or the app's own store.
 * Evaluation never waits for it, and nothing that it does can break one.
 */
import type { Awaitable } from '../cache/flag-definition-cache-provider.js';
import type { Exposure } from './exposure.js';

/** @publicApi */
export interface ExposureSink {
  /** Where exposures go, for the log: a host or a name, never a secret. */
  readonly description: string;
  /**
   * Tells one project at one host from another, as the `identity` of a `DefinitionSource` does; no
   * secret. Where both are known and differ, the log warns at start.
   */
  readonly identity?: string;
  /**
   * True: it has a queue of its own, and is given each exposure at once, on behalf of the request
   * that has caused it. Otherwise it is given batches, one after the other.
   * @default false
   */
  readonly takesAtOnce?: boolean;
  /**
   * Takes some exposures, at least one. What it throws or rejects with means that they are lost:
   * trying again is its own matter.
   * @param signal aborted when nobody waits any more: after 30 s, or at the end of the app
   */
  send(exposures: readonly Exposure[], signal: AbortSignal): Awaitable<void>;
}

/** How many exposures went where, since the start of the app. @publicApi */
export interface ExposureCounts {
  /** Those that wait, or are being sent. */
  readonly pending: number;
  /** Those that the sink has taken. */
  readonly sent: number;
  /** Those for which there was no room, or that were longer than 4,096 characters. */
  readonly dropped: number;
  /** Those that the sink has refused, or that were not sent before the app ended. */
  readonly lost: number;
}

/** What the log is told: edges only. */
export type ExposureTrouble =
  | { readonly kind: 'full'; readonly room: number }
  | { readonly kind: 'has-room'; readonly dropped: number }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'works'; readonly lost: number }
  | { readonly kind: 'cut-off'; readonly lost: number };

/** What takes exposures on their way to the sink. */
export interface ExposureOutlet {
  /** Takes it, or drops it and returns false. Never throws. */
  take(exposure: Exposure): boolean;
  /** Sends what is left, for at most so many milliseconds; afterwards nothing is sent. Never rejects. */
  close(timeoutMs: number): Promise<void>;
  readonly counts: ExposureCounts;
}
