/**
 * What a cache says of itself: where it is, and what it can promise to the fleet. The log tells it
 * at start, so that nobody believes in a promise that the chosen store cannot keep, and the status
 * names the place.
 */

export type CacheSharing =
  /** Each instance for itself. */
  | {
      readonly kind: 'none';
      readonly place: string;
      /** False where no cache was configured: that may be meant, or a variable was misspelt. */
      readonly isConfigured: boolean;
    }
  /** A provider with PostHog's contract: what it promises only its author knows. */
  | { readonly kind: 'provider'; readonly place: string }
  | {
      readonly kind: 'records';
      /** Where the definitions lie; never a secret. */
      readonly place: string;
      /** Under which key there; undefined where the store has none. */
      readonly key: string | undefined;
      /** Whether one instance at a time is asked to fetch. */
      readonly isExclusive: boolean;
      /** Who fetches, in words; undefined: what `isExclusive` says. */
      readonly whoFetches?: string | undefined;
      /** Whether this instance never asks the source. @default false */
      readonly readsOnly?: boolean;
      /** Whether a change is announced to the others, who otherwise find it at a check. */
      readonly isPushed: boolean;
      /** True where it lies in the memory of this process, and other processes have none of it. */
      readonly isInThisProcess: boolean;
      /** Whether it is meant for the threads of this process. @default false */
      readonly isForThreads?: boolean;
      /** What the bodies go through, as heads say it (`json+gzip+sealed`). @default plain JSON */
      readonly codec?: string;
      /** What is not certain there, as a sentence. */
      readonly caveat?: string;
    };

/** What a cache says of itself; one that says nothing is a provider, and its class is its place. */
export function sharingOf(cache: object): CacheSharing {
  const said = 'sharing' in cache ? cache.sharing : undefined;
  return isSharing(said) ? said : { kind: 'provider', place: nameOf(cache) };
}

function isSharing(value: unknown): value is CacheSharing {
  return typeof value === 'object' && value !== null && 'kind' in value && 'place' in value;
}

function nameOf({ constructor }: object): string {
  const isNamed = typeof constructor === 'function' && constructor !== Object;
  return isNamed && constructor.name !== '' ? constructor.name : 'a provider';
}
