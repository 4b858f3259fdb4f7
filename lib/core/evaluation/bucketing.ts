/**
 * Where an id falls, as PostHog's servers and SDKs compute it: SHA-1 of a text, its first 15 hex
 * digits as a number, divided by the largest such number. The result lies in [0, 1] and must be
 * the same to the last bit everywhere, or people would change sides between services.
 *
 * Most hashes are of one or two blocks, and calling the platform's costs more than computing
 * them: they have a machine of their own, see docs/adr. It is made for the first of them.
 */
import { hash } from 'node:crypto';
import { salt } from './hash/sha1-module.js';
import { encodePrefix, type Sha1Machine, startSha1Machine } from './hash/sha1-machine.js';

/** The positions of ids under one prefix: under `flag-key.`, or under `holdout-`. */
export class Buckets {
  #words: readonly number[] | undefined;
  /** Of the prefix in bytes; negative until it is first needed, which for many flags is never. */
  #length = -1;

  constructor(readonly prefix: string) {}

  /** The position that decides a rollout, or a holdout. */
  rollout(id: string): number {
    return this.#position(id, false);
  }

  /** The position that chooses a variant. */
  variant(id: string): number {
    return this.#position(id, true);
  }

  #position(id: string, isSalted: boolean): number {
    if (this.#length < 0) this.#encode();
    if (machine === 'not started') machine = startSha1Machine();
    if (machine !== undefined && this.#words !== undefined) {
      const position = machine.position(this.#words, this.#length, id, isSalted);
      if (!Number.isNaN(position)) return position;
    }
    return bucketOf(`${this.prefix}${id}${isSalted ? salt : ''}`);
  }

  #encode(): void {
    const encoded = encodePrefix(this.prefix);
    this.#words = encoded?.words;
    this.#length = encoded?.length ?? 0;
  }
}

/** Those of a flag. */
export function flagBuckets(flagKey: string): Buckets {
  return new Buckets(`${flagKey}.`);
}

/** Those of holdouts: the same for every flag. */
export const holdoutBuckets = new Buckets('holdout-');

let machine: Sha1Machine | undefined | 'not started' = 'not started';

/** 0xfffffffffffffff; as a double it is 2^60. */
const scale = 2 ** 60;

/** The position of a text, e.g. `flag-key.distinct-id`, by the platform's own hash. */
export function bucketOf(text: string): number {
  return Number.parseInt(hash('sha1', text, 'hex').slice(0, 15), 16) / scale;
}
