import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { FlagDefinition } from '../../../lib/core/definitions/flag-definitions.js';
import type { FlagValue } from '../../../lib/core/evaluation/flag-evaluation.js';
import { documentOf, flag } from './ask.js';

/** The arrays that PostHog's SDKs for Node, Python and Ruby all hold in their own suites. */
describe('a thousand ids', () => {
  it('fall on the same side of a rollout of 45 % as in PostHog', () => {
    const values = valuesOf(flag('simple-flag', { groups: [{ rollout_percentage: 45 }] }));
    expect(countOf(values)).toEqual({ true: 446, false: 554 });
    expect(digestOf(values)).toMatch(/^1b78708cb6ae7fa5.*c7b8$/);
  });

  it('get the same variants as in PostHog', () => {
    const shares = { first: 50, second: 20, third: 20, fourth: 5, fifth: 5 };
    const variants = Object.entries(shares).map(([key, share]) => ({
      key: `${key}-variant`,
      rollout_percentage: share,
    }));
    const values = valuesOf(
      flag('multivariate-flag', {
        groups: [{ rollout_percentage: 55 }],
        multivariate: { variants },
      }),
    );
    expect(countOf(values)).toEqual({
      'first-variant': 290,
      'second-variant': 110,
      'third-variant': 111,
      'fourth-variant': 24,
      'fifth-variant': 21,
      false: 444,
    });
    expect(digestOf(values)).toMatch(/^bbef00fb145afc6c.*d719$/);
  });
});

function valuesOf(definition: FlagDefinition): readonly (FlagValue | undefined)[] {
  const snapshot = compileFlagDefinitions(documentOf([definition]));
  return Array.from(
    { length: 1000 },
    (_, index) => snapshot.evaluate(definition.key, { distinctId: `distinct_id_${index}` }).value,
  );
}

function countOf(values: readonly (FlagValue | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

function digestOf(values: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}
