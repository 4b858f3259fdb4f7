/**
 * Where an id falls, as PostHog's servers and SDKs compute it: SHA-1 of a text, its first 15 hex
 * digits as a number, divided by the largest such number. The result lies in [0, 1] and must be
 * the same to the last bit everywhere, or people would change sides between services.
 */
import { hash } from 'node:crypto';

/** 0xfffffffffffffff; as a double it is 2^60. */
const scale = 2 ** 60;

/** The position of a text, e.g. `flag-key.distinct-id`. */
export function bucketOf(text: string): number {
  return Number.parseInt(hash('sha1', text, 'hex').slice(0, 15), 16) / scale;
}

/** The position that decides a rollout. */
export function rolloutBucket(flagKey: string, id: string): number {
  return bucketOf(`${flagKey}.${id}`);
}

/** The position that chooses a variant. */
export function variantBucket(flagKey: string, id: string): number {
  return bucketOf(`${flagKey}.${id}variant`);
}

/** The position that decides a holdout: the same for every flag. */
export function holdoutBucket(id: string): number {
  return bucketOf(`holdout-${id}`);
}
