/** What happened in a simulated fleet, as an observer who sees everything wrote it down. */

/** A fetch of the source, from the moment it left until the answer was delivered. */
export interface FetchWindow {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** By what right an instance asked the source. */
export type FetchRight =
  /** It holds a claim that it has not finished. */
  | 'claim'
  /** Its last look at the cache failed. */
  | 'cache-away'
  /** It has nothing, and the cache has answered without granting a claim. */
  | 'cold'
  | 'none';

export type TraceFact =
  | { readonly type: 'booted'; readonly instance: string; readonly rate: number }
  /** The process died, or was ended after a shutdown. */
  | { readonly type: 'died'; readonly instance: string }
  | { readonly type: 'closing'; readonly instance: string }
  /** `tookMs` by the clock of the instance. */
  | { readonly type: 'closed'; readonly instance: string; readonly tookMs: number }
  | { readonly type: 'paused'; readonly instance: string; readonly untilMs: number }
  /** From now on the source serves this content. */
  | { readonly type: 'version'; readonly version: number; readonly content: string }
  | { readonly type: 'fetch-started'; readonly instance: string; readonly right: FetchRight }
  | { readonly type: 'fetch-ended'; readonly instance: string; readonly answer: string }
  | { readonly type: 'granted'; readonly instance: string; readonly token: number }
  | {
      readonly type: 'finished';
      readonly instance: string;
      readonly token: number;
      readonly kind: 'new' | 'same' | 'failed' | 'handed-over' | 'unheard';
      readonly reply: 'accepted' | 'fenced' | 'must-publish';
      /** What was published, or what was confirmed. */
      readonly content: string | undefined;
      readonly fetch: FetchWindow | undefined;
      /** False when the memory of the store is another than before. */
      readonly untouched: boolean;
    }
  | { readonly type: 'body-read'; readonly instance: string; readonly revision: number }
  /** The store lost what it was told after `keptUntil`. */
  | { readonly type: 'store-lost'; readonly keptUntil: number }
  | {
      readonly type: 'applied';
      readonly instance: string;
      readonly revision: number;
      /** Undefined for something that the source never served. */
      readonly content: string | undefined;
    }
  | {
      readonly type: 'turn';
      readonly instance: string;
      /** Kind of the outcome, with its reason: `fetched`, `waiting:holding`, … */
      readonly outcome: string;
      /** Instances of the fleet, as the cache last said. */
      readonly instances: number | undefined;
    }
  /** An evaluation in the middle of something; `fault` says what was wrong with it. */
  | { readonly type: 'evaluated'; readonly instance: string; readonly fault: string | undefined }
  | { readonly type: 'fault'; readonly what: string; readonly on?: string };

export type TraceEvent = TraceFact & { readonly at: number };

export type Tell = (fact: TraceFact) => void;

/** The events of one type, in order. */
export function eventsOf<Type extends TraceEvent['type']>(
  trace: readonly TraceEvent[],
  type: Type,
): Extract<TraceEvent, { type: Type }>[] {
  return trace.filter((event): event is Extract<TraceEvent, { type: Type }> => event.type === type);
}
