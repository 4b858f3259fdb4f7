/**
 * Bodies in a shared memory: serialised once, for all threads. A body gets a place in the contents
 * first, then its bytes, then the facts without which nobody reads it. A thread that dies between
 * leaves a place without facts, which is free again after a minute.
 *
 * A reader copies the bytes out and looks whether the place is still there: nothing is written into
 * a place while the contents have it. The checksum has the last word, as in `SharedText`.
 */
import type { StoredBody } from '../../core/cache/body-store.js';
import type { RegisterBodies } from '../../core/register/register.js';
import { firstGap, reach } from './body-room.js';
import { threadsNowMs, type GrowableMemory } from './memory-layout.js';
import type { BodyPlace, CacheContents, SharedContents, StoredFacts } from './shared-contents.js';
import { checkOf } from './shared-text.js';

/** After so long a place without facts belongs to a thread that is taken for dead. */
const ABANDONED_AFTER_MS = 60_000;
const MOST_LOOKS = 100;

export class SharedBodies implements RegisterBodies {
  constructor(
    private readonly memory: GrowableMemory,
    private readonly contents: SharedContents,
    private readonly nowMs: () => number = threadsNowMs,
  ) {}

  /** @throws FlagsError `cache-unavailable` when the memory is full. */
  async write(body: StoredBody): Promise<boolean> {
    const isThere = sameAs(body, this.contents.read());
    if (isThere !== undefined) return isThere;
    const bytes = typeof body.body === 'string' ? Buffer.from(body.body) : body.body;
    const place = await this.take(body.revision, bytes.byteLength);
    this.bytesOf(place).set(bytes);
    return this.show(place, body, factsOf(body, bytes));
  }

  /** Undefined also for a body that is not whole any more. */
  async read(revision: number): Promise<StoredBody | undefined> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const place = placeOf(this.contents.read(), revision);
      if (place?.stored === undefined) return undefined;
      const copy = new Uint8Array(this.bytesOf(place));
      if (placeOf(this.contents.read(), revision)?.id === place.id) {
        return bodyFrom(copy, revision, place.stored);
      }
    }
    return undefined;
  }

  async keepOnly(revisions: readonly number[]): Promise<void> {
    const highest = Math.max(...revisions);
    const isOver = ({ revision, stored }: BodyPlace): boolean =>
      stored !== undefined && revision < highest && !revisions.includes(revision);
    await this.contents.change(({ own }) => {
      const isTidy = !own.bodies.some(isOver);
      const bodies = own.bodies.filter((place) => !isOver(place));
      return { own: isTidy ? own : { ...own, bodies }, reply: undefined };
    });
  }

  private take(revision: number, sizeBytes: number): Promise<BodyPlace> {
    const nowMs = this.nowMs();
    const isKept = ({ stored, takenAt }: BodyPlace): boolean =>
      stored !== undefined || nowMs - takenAt < ABANDONED_AFTER_MS;
    return this.contents.change(({ own, all, version }) => {
      const kept = own.bodies.filter(isKept);
      const others = all.filter(({ name }) => name !== own.name).flatMap(({ bodies }) => bodies);
      const offset = firstGap([...kept, ...others], sizeBytes);
      reach(this.memory, offset + sizeBytes);
      const place = { id: version, revision, offset, sizeBytes, takenAt: nowMs };
      return { own: { ...own, bodies: [...kept, place] }, reply: place };
    });
  }

  /** Gives a place its facts, unless another body of this revision has come before. */
  private show(place: BodyPlace, body: StoredBody, stored: StoredFacts): Promise<boolean> {
    return this.contents.change(({ own }) => {
      const others = own.bodies.filter(({ id }) => id !== place.id);
      const isGone = others.length === own.bodies.length;
      const isThere = sameAs(body, own);
      if (isThere !== undefined) return { own: { ...own, bodies: others }, reply: isThere };
      // So slow that it was taken for dead: what it has written may have been overwritten.
      if (isGone) return { own, reply: false };
      return { own: { ...own, bodies: [...others, { ...place, stored }] }, reply: true };
    });
  }

  private bytesOf({ offset, sizeBytes }: BodyPlace): Uint8Array {
    return new Uint8Array(this.memory, offset, sizeBytes);
  }
}

function placeOf({ bodies }: CacheContents, revision: number): BodyPlace | undefined {
  return bodies.find((place) => place.revision === revision && place.stored !== undefined);
}

/** Whether the body that lies there is this one; undefined when none does. */
function sameAs(body: StoredBody, contents: CacheContents): boolean | undefined {
  const there = placeOf(contents, body.revision)?.stored;
  return there && there.digest === body.digest;
}

function factsOf({ digest, schema, codec, etag, body }: StoredBody, bytes: Uint8Array) {
  const check = checkOf(bytes).toString('hex');
  const isText = typeof body === 'string';
  return { digest, schema, codec, isText, check, ...(etag === undefined ? {} : { etag }) };
}

function bodyFrom(
  bytes: Uint8Array,
  revision: number,
  { digest, schema, codec, etag, isText, check }: StoredFacts,
): StoredBody | undefined {
  if (checkOf(bytes).toString('hex') !== check) return undefined;
  const body = isText ? Buffer.from(bytes.buffer).toString() : bytes;
  return { revision, digest, schema, codec, etag, body };
}
