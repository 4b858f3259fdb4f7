/**
 * Those who stand exactly on a border: the last id of a rollout and of a holdout is in, the
 * first of the next variant is not in the one before. Chance never hits a border, so ids are
 * given flags whose border is their own position.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FlagDefinition, FlagFilters } from '../../lib/core/definitions/flag-definitions.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { compareCase } from './compare.js';
import { PostHogOracle } from './oracle.js';

/** The position of a text in PostHog's hash, computed here from its description. */
function positionOf(text: string): number {
  const hex = createHash('sha1').update(text).digest('hex').slice(0, 15);
  return Number.parseInt(hex, 16) / 2 ** 60;
}

/** Percentages that give back this very position when they are divided by 100. */
function exactPercentage(position: number): number[] {
  const percentage = position * 100;
  return percentage / 100 === position ? [percentage] : [];
}

const people = Array.from({ length: 300 }, (_, index) => `person-${index}`);
const always: FlagFilters = { groups: [{ rollout_percentage: 100 }] };
const flag = (key: string, filters: FlagFilters): FlagDefinition => ({
  key,
  active: true,
  filters,
});

const rollout = (id: string): FlagDefinition[] =>
  exactPercentage(positionOf(`rollout-${id}.${id}`)).map((percentage) =>
    flag(`rollout-${id}`, { groups: [{ rollout_percentage: percentage }] }),
  );
const holdout = (id: string): FlagDefinition[] =>
  exactPercentage(positionOf(`holdout-${id}`)).map((percentage) =>
    flag(`holdout-${id}`, { ...always, holdout: { id: 7, exclusion_percentage: percentage } }),
  );
const variants = (id: string): FlagDefinition[] =>
  exactPercentage(positionOf(`variants-${id}.${id}variant`)).map((percentage) =>
    flag(`variants-${id}`, {
      ...always,
      multivariate: {
        variants: [
          { key: 'before', rollout_percentage: percentage },
          { key: 'after', rollout_percentage: 100 - percentage },
        ],
      },
    }),
  );

describe('somebody exactly on the border', () => {
  let oracle: PostHogOracle;
  beforeAll(() => {
    oracle = new PostHogOracle();
  });
  afterAll(() => oracle.close());

  it.each([
    ['of a rollout is in', rollout, true],
    ['of a holdout is in it', holdout, 'holdout-7'],
    ['between two variants gets the second', variants, 'after'],
  ] as const)('%s, as with posthog-node', async (_, flagsOf, expected) => {
    const values = new Set<unknown>();
    const standing = people.filter((id) => flagsOf(id).length > 0);
    for (const distinctId of standing) {
      const definitions = { flags: flagsOf(distinctId), cohorts: {} };
      const keys = definitions.flags.map(({ key }) => key);
      const testCase = {
        definitions,
        evaluationContexts: undefined,
        now: 0,
        contexts: [{ distinctId }],
        keys,
      };
      const { differences } = await compareCase(compileFlagDefinitions, oracle, testCase);
      expect(differences).toEqual([]);
      values.add(compileFlagDefinitions(definitions).evaluate(keys[0] ?? '', { distinctId }).value);
    }
    expect(values).toEqual(new Set([expected]));
    expect(standing.length).toBeGreaterThan(100);
  });
});
