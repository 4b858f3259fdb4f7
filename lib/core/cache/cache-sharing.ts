/**
 * What a cache can promise to the fleet, as it says itself: told once, at start, so that nobody
 * believes in a promise that the chosen store cannot keep.
 */

export type CacheSharing =
  /** Each instance for itself. */
  | { readonly kind: 'none' }
  /** A provider with PostHog's contract: what it promises only its author knows. */
  | { readonly kind: 'provider' }
  | {
      readonly kind: 'records';
      /** Where the definitions lie; never a secret. */
      readonly place: string;
      /** Whether one instance at a time is asked to fetch. */
      readonly isExclusive: boolean;
      /** Whether a change is announced to the others, who otherwise find it at a check. */
      readonly isPushed: boolean;
    };

/** What a cache says of itself; one that says nothing is a provider. */
export function sharingOf(cache: object): CacheSharing {
  const said = 'sharing' in cache ? cache.sharing : undefined;
  return isSharing(said) ? said : { kind: 'provider' };
}

function isSharing(value: unknown): value is CacheSharing {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
