/**
 * The two lists of a thousand people that PostHog's own libraries hold in their test suites,
 * in each language the same: who is in at 45 %, and who gets which of five variants. Kept as
 * digests; the reference is asked as well.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FlagValue } from '../../lib/core/evaluation/flag-evaluation.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { PostHogOracle } from './oracle.js';

const shares = {
  'first-variant': 50,
  'second-variant': 20,
  'third-variant': 20,
  'fourth-variant': 5,
  'fifth-variant': 5,
};
const variants = Object.entries(shares).map(([key, share]) => ({ key, rollout_percentage: share }));
const simpleFlag = {
  key: 'simple-flag',
  active: true,
  filters: { groups: [{ properties: [], rollout_percentage: 45 }] },
};
const multivariateFlag = {
  key: 'multivariate-flag',
  active: true,
  filters: { groups: [{ properties: [], rollout_percentage: 55 }], multivariate: { variants } },
};
const definitions = { flags: [simpleFlag, multivariateFlag], group_type_mapping: {}, cohorts: {} };
const people = Array.from({ length: 1_000 }, (_, index) => `distinct_id_${index}`);

const rows = [
  {
    key: 'simple-flag',
    counts: { true: 446, false: 554 },
    starts: '1b78708cb6ae7fa5',
    ends: 'c7b8',
  },
  {
    key: 'multivariate-flag',
    counts: {
      'first-variant': 290,
      'second-variant': 110,
      'third-variant': 111,
      'fourth-variant': 24,
      'fifth-variant': 21,
      false: 444,
    },
    starts: 'bbef00fb145afc6c',
    ends: 'd719',
  },
];

describe.each(rows)('the thousand people of $key', ({ key, counts, starts, ends }) => {
  let oracle: PostHogOracle;
  beforeAll(async () => {
    oracle = new PostHogOracle();
    await oracle.load({ definitions, evaluationContexts: undefined, now: 0 });
  });
  afterAll(() => oracle.close());

  const ours = (
    options: Parameters<typeof compileFlagDefinitions>[1],
  ): (FlagValue | undefined)[] => {
    const snapshot = compileFlagDefinitions(definitions, options);
    return people.map((distinctId) => snapshot.evaluate(key, { distinctId }).value);
  };

  it.each([{}, { compat: 'posthog-node' as const }])(
    'get what every PostHog library gives (%j)',
    (options) => {
      const values = ours(options);
      const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex');
      expect(countsOf(values)).toEqual(counts);
      expect(digest.slice(0, 16)).toBe(starts);
      expect(digest.slice(-4)).toBe(ends);
    },
  );

  it('get what posthog-node gives', async () => {
    const theirs: unknown[] = [];
    for (const distinctId of people)
      theirs.push((await oracle.evaluate(key, { distinctId })).value);
    expect(ours({})).toEqual(theirs);
  });
});

function countsOf(values: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}
