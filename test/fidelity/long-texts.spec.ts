/**
 * Patterns on long texts. The evaluator may change to an engine of linear time there, and both
 * engines must say the same as posthog-node, which has one. None of these patterns needs more
 * than quadratic time, or the reference would not come back.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FlagDefinition } from '../../lib/core/definitions/flag-definitions.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { compareCase } from './compare.js';
import { PostHogOracle } from './oracle.js';
import { patterns } from './pools.js';

/** Patterns that people write. */
const common: readonly string[] = [
  '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$',
  '@(acme|globex)\\.com$',
  '^https?://[^/]+/checkout(/.*)?$',
  '^/api/v[0-9]+/users/[0-9]+$',
  '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  '^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$',
  '^\\d{4}-\\d{2}-\\d{2}$',
  'Chrome/(9[0-9]|1[0-9]{2})',
  'iPhone|iPad|Android',
  '^(staff|admin)-',
  '^[^@]*@',
  '\\S+\\s+\\S+',
  '^\\s*$',
  '[\\w.-]+x$',
  '^.+b.*$',
  'a.?b',
  '^(\\w|\\s|\\W)*$',
  '(?:ab?)*c',
  'x*$',
  '^[\\s\\S]*end$',
];

/** A count above a thousand is beyond the linear engine: with a long text it is left open. */
const hasLargeCount = (pattern: string): boolean => /\{(\d+,)?\d{4}/.test(pattern);

const length = 3_000;
const texts: readonly string[] = [
  'a'.repeat(length),
  'ab'.repeat(length / 2),
  `${'a'.repeat(length)}b`,
  `${'x '.repeat(length / 2)}end`,
  `${'word\n'.repeat(length / 5)}a`,
  `a${'\t'.repeat(length)}b`,
  `${'1'.repeat(length)}.com`,
  `alice${'.b'.repeat(length / 2)}@acme.com`,
  `https://example.com/checkout/${'a/'.repeat(length / 2)}`,
  `${' '.repeat(length)}`,
  `${'\v\f\b'.repeat(length / 3)}`,
  `Mozilla/5.0 ${'('.repeat(length)} Chrome/120.0 ]}{`,
  `${'é'.repeat(length)}`,
  `${'a'.repeat(length)}\r`,
];

describe('a pattern on a long text', () => {
  let oracle: PostHogOracle;
  beforeAll(() => {
    oracle = new PostHogOracle();
  });
  afterAll(() => oracle.close());

  it('gets the answer of posthog-node, or is left open where its counts are large', async () => {
    const all = [...new Set([...common, ...patterns])];
    const flags: FlagDefinition[] = all.map((value, index) => ({
      key: `pattern-${index}`,
      active: true,
      filters: { groups: [{ properties: [{ key: 'path', operator: 'regex', value }] }] },
    }));
    const testCase = {
      definitions: { flags, cohorts: {} },
      evaluationContexts: undefined,
      now: 0,
      contexts: texts.map((path) => ({ distinctId: 'x', personProperties: { path } })),
      keys: flags.map(({ key }) => key),
    };
    const { differences, answers } = await compareCase(compileFlagDefinitions, oracle, testCase);
    const wrong = differences.filter(({ key, ours }) => {
      const pattern = all[Number(key.slice('pattern-'.length))] ?? '';
      return !hasLargeCount(pattern) || ours.unresolved !== 'unsupported_definition';
    });
    expect(wrong).toEqual([]);
    const yes = answers.filter(({ answer }) => answer.value === true).length;
    const no = answers.filter(({ answer }) => answer.value === false).length;
    expect(Math.min(yes, no)).toBeGreaterThan(300);
  });
});
