/**
 * A long run with faults, each seed another: servers that hang, refuse, have no quota or speak
 * nonsense, a fallback cache that fails, flags that are edited, and many who ask. What must hold of
 * every single evaluation is checked; that the checks bite is shown by parts that are wrong.
 */
import { describe, expect, it } from '@jest/globals';
import { inThread } from '../../support/in-thread.js';
import type { LongRunReport, Mistakes } from './long-run.js';

const STEPS = 1_500;

function longRun(seed: number, mistakes?: Mistakes): Promise<LongRunReport> {
  return inThread(new URL('long-run.ts', import.meta.url), 'longRun', seed, STEPS, mistakes);
}

describe('a long run with faults', () => {
  it.each([1, 2, 3, 4, 5, 6])('keeps every promise with the seed %i', async (seed) => {
    const run = await longRun(seed);
    expect(run.violations).toEqual([]);
    // It has seen what it was to see.
    expect(run.seen).toMatchObject({
      local: expect.any(Number),
      remote: expect.any(Number),
      'fallback-cache': expect.any(Number),
      unresolved: expect.any(Number),
      open: expect.any(Number),
      quota: expect.any(Number),
    });
  });

  it.each<[string, Mistakes, RegExp]>([
    ['an answer outlives an edit', { isDigestConstant: true }, /from before an edit/],
    ['answers grow too old', { staleTtlMs: 7_200_000 }, /too old/],
    ['nobody is left alone', { failures: Number.POSITIVE_INFINITY }, /calls while/],
    ['the cache may take its time', { cacheTimeoutMs: 20_000 }, /took/],
    ['the quota is not heeded', { isQuotaIgnored: true }, /from before the end of the quota/],
    ['a question is shared across an edit', { isRevisionIgnored: true }, /from before an edit/],
    ['a cache is trusted to forget', { isClearingTrusted: true }, /from before the end of the quota/], // prettier-ignore
    ['calls are not counted', { mostCalls: 1_000 }, /calls at a time/],
  ])('would notice where %s', async (_what, mistakes, violation) => {
    const found: string[] = [];
    for (let seed = 1; seed <= 6; seed += 1) {
      const { violations } = await longRun(seed, mistakes);
      found.push(...violations);
      if (found.some((text) => violation.test(text))) break;
    }
    expect(found).toEqual(expect.arrayContaining([expect.stringMatching(violation)]));
  });
});
