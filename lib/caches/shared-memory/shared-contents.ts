/**
 * What a shared memory says of itself, as one text: for each cache in it (one for each project) the
 * register, the signs of life, and where its bodies lie. All of it is replaced at once, so that
 * there is one thing to get right; it has some hundred bytes for each thread.
 */
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import { pause } from '../../core/time/deadline.js';
import type { SharedText } from './shared-text.js';

/** The facts of a body that are not its bytes. */
export interface StoredFacts {
  readonly digest: string;
  readonly schema: number;
  readonly codec: string;
  readonly etag?: string;
  readonly isText: boolean;
  /** The checksum of its bytes, in hex. */
  readonly check: string;
}

/** A piece of the room for bodies that is in use. */
export interface BodyPlace {
  /** No two places ever have the same. */
  readonly id: string;
  readonly revision: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** When it was taken, by the clock that all threads share. */
  readonly takenAt: number;
  /** Undefined while its bytes are being written. */
  readonly stored?: StoredFacts;
}

export interface SharedMember {
  readonly instance: string;
  readonly seenAt: number;
  readonly revision: number;
  readonly ageMs?: number;
}

export interface CacheContents {
  readonly name: string;
  readonly register?: { readonly version: string; readonly json: string };
  readonly members: readonly SharedMember[];
  readonly bodies: readonly BodyPlace[];
}

/** What a change finds. */
export interface ContentsView {
  readonly own: CacheContents;
  readonly all: readonly CacheContents[];
  /** A number that no other change has that is made: only one succeeds upon each mark. */
  readonly version: string;
}

/** So many threads may be quicker, one after the other, before it is called a failure. */
const MOST_ATTEMPTS = 200;
const ATTEMPTS_AT_ONCE = 10;
const PAUSE_MS = 1;

export class SharedContents {
  private readonly open = new AbortController();

  /** @param name of the cache that is meant by `own`. */
  constructor(
    private readonly text: SharedText,
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  read(): CacheContents {
    return this.look().view.own;
  }

  /**
   * Replaces what the own cache has, with all others as they are. A rule that gives back what it
   * was given changes nothing.
   * @throws FlagsError `cache-unavailable` when other threads were quicker each time.
   */
  async change<Reply>(
    rule: (view: ContentsView) => { readonly own: CacheContents; readonly reply: Reply },
  ): Promise<Reply> {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
      const { mark, view } = this.look();
      const { own, reply } = rule(view);
      if (own === view.own) return reply;
      const others = view.all.filter(({ name }) => name !== this.name);
      if (this.text.replace(mark, JSON.stringify([...others, own]))) return reply;
      if (attempt % ATTEMPTS_AT_ONCE === 0) await pause(this.clock, PAUSE_MS, this.open.signal);
      if (this.open.signal.aborted) break;
    }
    throw new FlagsError(
      `The memory that the threads of this process share could not be changed, for others were quicker up to ${MOST_ATTEMPTS} times in a row. Nothing was changed by this thread, and the next check tries again.`,
      { code: 'cache-unavailable' },
    );
  }

  close(): void {
    this.open.abort();
  }

  private look(): { readonly mark: bigint; readonly view: ContentsView } {
    const { mark, text } = this.text.read();
    // What is not whole counts as nothing: the next refresh publishes everything anew.
    const all = text === undefined ? [] : (JSON.parse(text) as CacheContents[]);
    const { name } = this;
    const own = all.find((one) => one.name === name) ?? { name, members: [], bodies: [] };
    return { mark, view: { own, all, version: `${mark}` } };
  }
}
