/**
 * What is measured in a place: the three things that an instance does there. All are asked of the
 * store itself, so nothing is parsed, compiled or evaluated: that costs the same over any store.
 */
import { createHash, randomBytes } from 'node:crypto';
import { nowMs } from '../fleet/now.mjs';

/** @typedef {'check' | 'read' | 'publication'} Measure */

/** @type {readonly { readonly id: Measure, readonly title: string }[]} */
export const measures = [
  { id: 'check', title: 'a check that finds nothing new' },
  { id: 'read', title: 'a read of a body of 100 kB' },
  { id: 'publication', title: 'a publication of 100 kB' },
];

const BODY_BYTES = 100_000;
const usual = { checks: 200, reads: 50, publications: 10 };

/** As the refresh cycle asks with its defaults. */
const asking = {
  floor: 0,
  kick: false,
  graceMs: 5_000,
  sitOutMs: 0,
  leaseMs: 12_000,
  longestDueMs: 1_200_000,
  shortestGapMs: 0,
  memberTtlMs: 20_000,
  ageMs: 0,
};

/**
 * One instance publishes, another checks and reads. Their key is new.
 * @param {import('./places.mjs').Place} place
 * @returns {Promise<Record<Measure, number[]>>} milliseconds
 */
export async function measureIn({ open }, times = usual) {
  const key = `bench-${randomBytes(6).toString('hex')}`;
  const [writer, reader] = [await open(key), await open(key)];
  try {
    const publication = await repeated(times.publications, () => publish(writer));
    const head = await writer.readHead();
    if (head === undefined) throw new Error('There is nothing that could be checked and read.');
    const { revision, digest } = head;
    const held = { ...asking, instance: 'reader', revision, digest, token: revision };
    const check = await repeated(times.checks, async () => ({
      work: () => claimsOf(reader).check(held),
      isRight: (reply) => reply.verdict === 'not-due' && reply.digest === undefined,
    }));
    const read = await repeated(times.reads, async () => ({
      work: () => reader.readBody(revision),
      isRight: (found) => found?.body.length === BODY_BYTES,
    }));
    return { check, read, publication };
  } finally {
    await Promise.all([writer.close(), reader.close()]);
  }
}

/**
 * The end of a claim that brings something new; the claim is granted before, and does not count.
 * @param {import('../../lib/core/cache/record-store.js').RecordStore} store
 */
async function publish(store) {
  const instance = 'writer';
  const held = { revision: 0, digest: undefined, token: 0 };
  const { verdict, token } = await claimsOf(store).check({
    ...asking,
    ...held,
    instance,
    kick: true,
  });
  if (verdict !== 'granted') throw new Error(`The claim that was to be granted is ${verdict}.`);
  const body = randomBytes(BODY_BYTES / 2).toString('hex');
  const digest = createHash('sha256').update(body).digest('hex');
  const record = { schema: 1, digest, etag: `"${digest}"`, codec: 'json', body };
  const result = { kind: /** @type {const} */ ('new'), record, nextDueMs: 600_000 };
  return {
    work: () => claimsOf(store).finish({ instance, token, result }),
    isRight: (/** @type {string} */ reply) => reply === 'accepted',
  };
}

/** @param {import('../../lib/core/cache/record-store.js').RecordStore} store */
function claimsOf({ claims }) {
  if (claims === undefined) throw new Error('This store grants no claims.');
  return claims;
}

/**
 * @template T
 * @param {number} count
 * @param {() => Promise<{ work: () => Promise<T>, isRight: (answer: T) => boolean }>} prepare
 */
async function repeated(count, prepare) {
  const took = [];
  for (let time = 0; time < count; time += 1) {
    const { work, isRight } = await prepare();
    const from = nowMs();
    const answer = await work();
    took.push(nowMs() - from);
    if (!isRight(answer))
      throw new Error(`This is not what was measured: ${JSON.stringify(answer)}`);
  }
  return took;
}
