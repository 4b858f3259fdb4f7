/**
 * What must hold of every evaluation, whatever PostHog's client says: laws of rollouts and
 * variants, of filters, of the ways to ask, and that nothing given to the evaluator breaks it.
 */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  FlagDefinitionCacheData,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import type { FlagEvaluation } from '../../lib/core/evaluation/flag-evaluation.js';
import type { FlagExplanation } from '../../lib/core/evaluation/flag-explanation.js';
import type { FlagSnapshot } from '../../lib/core/evaluation/flag-snapshot.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { generateCase } from './generate-case.js';
import type { FidelityCase } from './generate-case.js';
import { Random } from './random.js';

// The same runs every time; another seed gives others.
fc.configureGlobal({ seed: Number(process.env['FIDELITY_SEED'] ?? 1), numRuns: 200 });

const modes = [{}, { compat: 'posthog-node' as const }];
const cases = fc.nat({ max: 1_000_000_000 }).map(generateCase);
const flagKeys = fc.string({ minLength: 1, unit: 'grapheme' });
const ids = fc.string({ minLength: 1, unit: 'grapheme' });

function compileCase(
  { definitions, evaluationContexts, now }: FidelityCase,
  mode: object = {},
): FlagSnapshot {
  return compileFlagDefinitions(definitions, {
    now: () => now,
    ...(evaluationContexts && { evaluationContexts }),
    ...mode,
  });
}

function compileFlag(key: string, filters: object): FlagSnapshot {
  return compileFlagDefinitions({ flags: [{ key, active: true, filters }] });
}

describe('a rollout', () => {
  const percentages = fc.double({ min: 0, max: 100, noNaN: true });

  it('only grows with its percentage: nobody who was in falls out', () => {
    fc.assert(
      fc.property(flagKeys, ids, percentages, percentages, (key, distinctId, one, other) => {
        const isIn = (percentage: number): boolean =>
          compileFlag(key, { groups: [{ rollout_percentage: percentage }] }).evaluate(key, {
            distinctId,
          }).enabled;
        expect(isIn(Math.max(one, other))).toBe(isIn(one) || isIn(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has nobody in at 0 %, everybody at 100 %, and the share in between', () => {
    const shareAt = (percentage: number): number => {
      const snapshot = compileFlag('a-flag', { groups: [{ rollout_percentage: percentage }] });
      const people = Array.from({ length: 20_000 }, (_, index) => `person-${index}`);
      return (
        people.filter((distinctId) => snapshot.evaluate('a-flag', { distinctId }).enabled).length /
        people.length
      );
    };
    expect(shareAt(0)).toBe(0);
    expect(shareAt(100)).toBe(1);
    for (const percentage of [1, 12.5, 50, 99]) {
      expect(Math.abs(shareAt(percentage) - percentage / 100)).toBeLessThan(0.01);
    }
  });
});

describe('variants', () => {
  const shares = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
  const filtersOf = (percentages: readonly number[]): object => ({
    groups: [{ rollout_percentage: 100 }],
    multivariate: {
      variants: percentages.map((share, index) => ({
        key: `v${index}`,
        rollout_percentage: share,
      })),
    },
  });

  it('divide everybody: each id gets exactly one of them when the shares make 100', () => {
    fc.assert(
      fc.property(flagKeys, ids, shares, (key, distinctId, percentages) => {
        const sum = percentages.reduce((total, share) => total + share, 0);
        const whole = percentages.map((share) => (share / sum) * 100);
        const { variant, value } = compileFlag(key, filtersOf(whole)).evaluate(key, { distinctId });
        expect(whole.map((_, index) => `v${index}`)).toContain(value);
        expect(variant).toBe(value);
      }),
    );
  });

  it('keep their people when a later share changes', () => {
    fc.assert(
      fc.property(flagKeys, ids, shares, (key, distinctId, percentages) => {
        const before = compileFlag(key, filtersOf([...percentages, 10])).evaluate(key, {
          distinctId,
        });
        const after = compileFlag(key, filtersOf([...percentages, 40])).evaluate(key, {
          distinctId,
        });
        // Those without a variant, where the shares do not make 100, are simply on.
        expect(before.variant === undefined || after.value === before.value).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('come to their shares', () => {
    const snapshot = compileFlag('a-flag', filtersOf([50, 20, 20, 5, 5]));
    const counts = new Map<unknown, number>();
    for (let index = 0; index < 20_000; index += 1) {
      const { value } = snapshot.evaluate('a-flag', { distinctId: `person-${index}` });
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect(new Set(counts.keys())).toEqual(new Set(['v0', 'v1', 'v2', 'v3', 'v4']));
    for (const [index, share] of [50, 20, 20, 5, 5].entries()) {
      expect(Math.abs((counts.get(`v${index}`) ?? 0) / 20_000 - share / 100)).toBeLessThan(0.01);
    }
  });
});

describe('filters', () => {
  const opposites = Object.entries({
    exact: 'is_not',
    icontains: 'not_icontains',
    starts_with: 'not_starts_with',
    ends_with: 'not_ends_with',
    semver_eq: 'semver_neq',
    regex: 'not_regex',
    in: 'not_in',
  });
  const isBroken = (pattern: unknown): boolean => {
    try {
      return !(new RegExp(String(pattern)) instanceof RegExp);
    } catch {
      return true;
    }
  };

  it.each(opposites)('answer %s and %s with opposites, or neither', (operator, opposite) => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), (testCase, mode) => {
        const wrong = answersOfProbes(testCase, mode, operator, opposite)
          .filter(({ filter, context }) => {
            // Of a property that is null every comparison of versions says no.
            if (operator !== 'semver_eq') return operator !== 'regex' || !isBroken(filter.value);
            return context.personProperties?.[filter.key] !== null;
          })
          .filter(({ straight, inverted }) =>
            straight === undefined ? inverted !== undefined : inverted !== !straight,
          );
        expect(wrong).toEqual([]);
      }),
    );
  });

  it('of a cohort answer with opposites, or neither, when one of them is negated', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), (testCase, mode) => {
        const [plain, negated] = [false, true].map((negation) =>
          askOfLeaves(testCase, mode, negation),
        );
        const wrong = plain?.filter((answer, index) => {
          const opposite = negated?.[index];
          return answer === undefined ? opposite !== undefined : opposite !== !answer;
        });
        expect(wrong).toEqual([]);
      }),
    );
  });

  const orders = {
    'in reverse': () => (filters: readonly PropertyFilter[]) => filters.toReversed(),
    'in any order': (random: Random) => (filters: readonly PropertyFilter[]) =>
      random.shuffled(filters),
  };
  it.each(Object.entries(orders))('%s never change an answer that is decided', (_, orderBy) => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), fc.nat(), (testCase, mode, seed) => {
        const definitions = withFilters(testCase.definitions, orderBy(new Random(seed)));
        const reordered = compileCase({ ...testCase, definitions }, mode);
        const snapshot = compileCase(testCase, mode);
        const wrong = questionsOf(testCase).filter(({ key, context }) => {
          const values = [
            snapshot.evaluate(key, context).value,
            reordered.evaluate(key, context).value,
          ];
          return !values.includes(undefined) && values[0] !== values[1];
        });
        expect(wrong).toEqual([]);
      }),
    );
  });
});

describe('definitions', () => {
  it.each([
    ['compiled again', (definitions: FlagDefinitionCacheData) => definitions],
    [
      'after a round trip through JSON',
      (definitions: FlagDefinitionCacheData) =>
        JSON.parse(JSON.stringify(definitions)) as FlagDefinitionCacheData,
    ],
    [
      'with the fields in another order',
      (definitions: FlagDefinitionCacheData) =>
        withFieldsReversed(definitions) as FlagDefinitionCacheData,
    ],
  ])('%s give the same answers', (_, change) => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), (testCase, mode) => {
        const before = JSON.stringify(testCase.definitions);
        const [one, other] = [
          compileCase(testCase, mode),
          compileCase({ ...testCase, definitions: change(testCase.definitions) }, mode),
        ];
        const wrong = questionsOf(testCase).filter(
          ({ key, context }) =>
            !isDeepStrictEqual(one.evaluate(key, context), other.evaluate(key, context)),
        );
        expect(wrong).toEqual([]);
        expect(JSON.stringify(testCase.definitions)).toBe(before);
      }),
    );
  });
});

describe('the ways to ask', () => {
  it('agree: all at once, some of them, one by one', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), (testCase, mode) => {
        const snapshot = compileCase(testCase, mode);
        for (const context of testCase.contexts) {
          const all = snapshot.evaluateAll(context);
          const some = snapshot.evaluateAll(context, testCase.keys.slice(1, 4));
          expect([...all].map(([key]) => key)).toEqual([...snapshot.keys]);
          expect(all.size).toBe(snapshot.keys.length);
          const isSame = ([key, evaluation]: readonly [string, FlagEvaluation]): boolean =>
            isDeepStrictEqual(evaluation, snapshot.evaluate(key, context));
          const isKept = ([key, evaluation]: readonly [string, FlagEvaluation]): boolean =>
            all.has(key) && all.get(key) === evaluation;
          expect([...all, ...some].filter((entry) => !isSame(entry))).toEqual([]);
          expect([...all].filter(([, evaluation]) => !isOfOneMind(evaluation))).toEqual([]);
          expect([...all].filter((entry) => !isKept(entry))).toEqual([]);
          const decided = [...all].filter(([, { value }]) => value !== undefined);
          expect(Object.entries(all.toJSON())).toEqual(
            decided.map(([key, { value }]) => [key, value]),
          );
        }
      }),
    );
  });

  it('agree with the explanation', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...modes), (testCase, mode) => {
        const snapshot = compileCase(testCase, mode);
        const wrong = questionsOf(testCase).filter(({ key, context }) => {
          const explanation = snapshot.explain(key, context);
          return !(
            explanation.key === key &&
            isDeepStrictEqual(explanation.evaluation, snapshot.evaluate(key, context)) &&
            isConsistent(explanation)
          );
        });
        expect(wrong).toEqual([]);
      }),
    );
  });
});

interface Question {
  readonly key: string;
  readonly context: FidelityCase['contexts'][number];
}

function questionsOf({ keys, contexts }: FidelityCase): Question[] {
  return contexts.flatMap((context) => keys.map((key) => ({ key, context })));
}

/** Whether the fields of an evaluation say the same. */
function isOfOneMind({ value, enabled, variant, payload }: FlagEvaluation): boolean {
  const isVariant = typeof value === 'string';
  return (
    enabled === (isVariant || value === true) &&
    variant === (isVariant ? value : undefined) &&
    (enabled || payload === undefined)
  );
}

/** Whether the conditions, as they are explained, give the evaluation that is explained. */
function isConsistent({ evaluation, conditions, summary }: FlagExplanation): boolean {
  const matched = conditions.filter(({ outcome }) => outcome === 'match').map(({ index }) => index);
  const included = conditions.every(
    ({ outcome, rollout }) =>
      (outcome !== 'match' || rollout?.included !== false) &&
      (outcome !== 'out_of_rollout' || rollout?.included === false),
  );
  const isMatch = evaluation.reason === 'condition_match';
  return (
    /\S.*\.$/s.test(summary) &&
    included &&
    (!isMatch || matched.includes(evaluation.conditionIndex ?? -1))
  );
}

/** The filters of a case that have one of two opposite operators, each alone, asked both ways. */
function answersOfProbes(testCase: FidelityCase, mode: object, operator: string, opposite: string) {
  const filters = testCase.definitions.flags
    .flatMap(({ filters: rules }) => rules?.groups ?? [])
    .flatMap(({ properties }) => properties ?? [])
    .filter(
      (filter) => filter.type !== 'flag' && (filter.type === 'cohort') === (operator === 'in'),
    )
    .filter((filter) => filter.operator === operator || filter.operator === opposite);
  const ask = (name: string): FlagSnapshot =>
    compileCase(
      {
        ...testCase,
        evaluationContexts: undefined,
        definitions: {
          ...testCase.definitions,
          flags: filters.map((filter, index) => ({
            key: `probe-${index}`,
            active: true,
            filters: { groups: [{ properties: [{ ...filter, operator: name }] }] },
          })),
        },
      },
      mode,
    );
  const [straight, inverted] = [ask(operator), ask(opposite)];
  return filters.flatMap((filter, index) =>
    testCase.contexts.map((context) => ({
      filter,
      context,
      straight: straight.evaluate(`probe-${index}`, context).value,
      inverted: inverted.evaluate(`probe-${index}`, context).value,
    })),
  );
}

/** What each filter on a property answers as the only part of a cohort, for each context. */
function askOfLeaves(testCase: FidelityCase, mode: object, negation: boolean) {
  const filters = testCase.definitions.flags
    .flatMap(({ filters: rules }) => rules?.groups ?? [])
    .flatMap(({ properties }) => properties ?? [])
    .filter(({ type }) => type !== 'flag' && type !== 'cohort');
  const snapshot = compileCase(
    {
      ...testCase,
      evaluationContexts: undefined,
      definitions: {
        ...testCase.definitions,
        flags: filters.map((_, index) => ({
          key: `probe-${index}`,
          active: true,
          filters: {
            groups: [{ properties: [{ key: 'id', type: 'cohort', value: `probe-${index}` }] }],
          },
        })),
        cohorts: Object.fromEntries(
          filters.map((filter, index) => [
            `probe-${index}`,
            { type: 'AND', values: [{ ...filter, negation }] },
          ]),
        ),
      },
    },
    mode,
  );
  return filters.flatMap((_, index) =>
    testCase.contexts.map((context) => snapshot.evaluate(`probe-${index}`, context).value),
  );
}

/** The document with the filters of each condition in another order. */
function withFilters(
  definitions: FlagDefinitionCacheData,
  order: (filters: readonly PropertyFilter[]) => readonly PropertyFilter[],
): FlagDefinitionCacheData {
  return {
    ...definitions,
    flags: definitions.flags.map((flag) => ({
      ...flag,
      filters: flag.filters && {
        ...flag.filters,
        groups: flag.filters.groups?.map((group) => ({
          ...group,
          properties: group.properties && order(group.properties),
        })),
      },
    })),
  } as FlagDefinitionCacheData;
}

function withFieldsReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFieldsReversed);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).reverse();
  return Object.fromEntries(fields.map(([key, member]) => [key, withFieldsReversed(member)]));
}
