/** What is told of a fleet while it runs: by its instances, by Redis, and by who does it harm. */
import type { TraceFact } from '../simulation/trace.js';

/** What an instance says of itself. */
export type InstanceFact =
  | { readonly type: 'booted'; readonly instance: string; readonly rate: number }
  | { readonly type: 'ready'; readonly instance: string; readonly isReady: boolean }
  | { readonly type: 'started'; readonly instance: string }
  | { readonly type: 'fetch-started'; readonly instance: string }
  | { readonly type: 'fetch-ended'; readonly instance: string; readonly answer: string }
  | {
      readonly type: 'applied';
      readonly instance: string;
      readonly revision: number;
      readonly content?: string;
    }
  | {
      readonly type: 'turn';
      readonly instance: string;
      readonly outcome: string;
      readonly role?: 'leader' | 'solo';
      readonly failure?: string;
      readonly cacheFailures: readonly string[];
    }
  | {
      readonly type: 'evaluated';
      readonly instance: string;
      readonly fault?: string;
      readonly times?: number;
    }
  | { readonly type: 'closing'; readonly instance: string }
  | { readonly type: 'closed'; readonly instance: string; readonly tookMs: number }
  | {
      readonly type: 'log';
      readonly instance: string;
      readonly level: string;
      readonly text: string;
    };

/** What a whole process says of itself. */
export type ProcessFact =
  | { readonly type: 'hello'; readonly pid: number }
  | { readonly type: 'crashed'; readonly error: string }
  | {
      readonly type: 'measured';
      readonly rss: number;
      readonly heapUsed: number;
      readonly handles: number;
    };

/** What Redis has executed. */
export type StoreFact =
  | {
      readonly type: 'checked';
      readonly instance: string;
      /** Members of the fleet that the store knew then. */
      readonly members: number;
    }
  | { readonly type: 'granted'; readonly instance: string; readonly token: number }
  | {
      readonly type: 'executed-finish';
      readonly instance: string;
      readonly token: number;
      readonly kind: 'new' | 'same' | 'failed' | 'handed-over' | 'unheard';
      readonly etag: string;
      readonly isAccepted: boolean;
      readonly hasWritten: boolean;
    }
  | { readonly type: 'body-read'; readonly instance: string; readonly revision: number };

/** What who harms the fleet says; an end of `died` is seen from outside. */
export type OutsideFact = Extract<
  TraceFact,
  { readonly type: 'version' | 'fault' | 'paused' | 'died' | 'store-lost' }
>;

export type ToldFact = InstanceFact | StoreFact | OutsideFact;
export type Told = ToldFact & { readonly at: number };
