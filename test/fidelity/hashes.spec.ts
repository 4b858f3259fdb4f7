/**
 * The positions of ids beside `node:crypto`, on both paths; longer with
 * `npm run fidelity -- --hashes 1000000`. And that the comparison finds what could go wrong.
 */
import { describe, expect, it } from '@jest/globals';
import { bucketOf } from '../../lib/core/evaluation/bucketing.js';
import { inThread } from '../support/in-thread.js';
import { compareHashes } from './compare-hashes.js';
import type { HashPath, HashReport, Positions } from './compare-hashes.js';

const hashes = 20_000;
const module = new URL('compare-hashes.ts', import.meta.url);

describe('given node:crypto, the positions of ids', () => {
  it.each(['machine', 'platform'] satisfies HashPath[])('are the same by the %s', async (path) => {
    const options = { hashes, seed: 1, path };
    const report = await inThread<HashReport>(module, 'compareOurHashes', options);
    expect(report).toMatchObject({ hashes, difference: undefined });
    expect(Math.min(...Object.values(report.kinds))).toBeGreaterThan(100);
  });
});

describe('given a mistake, the comparison finds it', () => {
  const planted: readonly (readonly [string, (text: string) => number])[] = [
    ['the salt forgotten', (text) => bucketOf(text.replace(/variant$/, ''))],
    ['halves of pairs as question marks', (text) => bucketOf(text.replace(/\p{Surrogate}/gu, '?'))],
    ['one byte for each unit', (text) => bucketOf(Buffer.from(text, 'latin1').toString('latin1'))],
    ['another normal form', (text) => bucketOf(text.normalize('NFD'))],
    ['an id that ends at a zero', (text) => bucketOf(text.replace(/\0.*$/s, ''))],
    ['14 hex digits', (text) => Math.floor(bucketOf(text) * 2 ** 56) / 2 ** 56],
    ['the last bit', (text) => bucketOf(text) + Number.EPSILON / 4],
    [
      'the length wrong where the padding needs a block of its own',
      (text) => bucketOf(Buffer.byteLength(text) % 64 === 56 ? `${text} ` : text),
    ],
    [
      'the end of a full block',
      (text) => bucketOf(Buffer.byteLength(text) % 64 === 0 ? text.slice(1) : text),
    ],
    ['ids of more than 300 units cut', (text) => bucketOf(text.slice(0, 1_201))],
  ];

  it.each(planted)('%s', (_, position) => {
    const positionsUnder = (prefix: string): Positions => ({
      rollout: (id) => position(`${prefix}${id}`),
      variant: (id) => position(`${prefix}${id}variant`),
    });
    const { difference } = compareHashes(
      { hashes, seed: 1, path: 'platform' },
      (key) => positionsUnder(`${key}.`),
      positionsUnder('holdout-'),
    );
    expect(difference).toMatch(/prefix ".*id ".*: ours [\d.e-]+, node:crypto [\d.e-]+$/);
  });
});
