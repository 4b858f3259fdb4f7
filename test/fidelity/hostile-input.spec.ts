/**
 * What nobody sends on purpose, and what somebody might: contexts that throw, definitions that
 * are garbage, circles, towers, regular expressions that could run for hours. The reference
 * dies of some of these, so here the laws are ours: an answer always, never an exception.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  CohortDefinition,
  FlagDefinition,
  FlagDefinitionCacheData,
} from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../../lib/core/evaluation/flag-evaluation.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { inThread } from '../support/in-thread.js';
import { generateCase } from './generate-case.js';
import { isAnswer } from './hostile-answers.js';
import type { HostileAnswers } from './hostile-answers.js';
import { inheritedNames } from './pools.js';

fc.configureGlobal({ seed: Number(process.env['FIDELITY_SEED'] ?? 1), numRuns: 200 });

// A bound for what must come to an end at all; nothing here is measured.

const modes = [{}, { compat: 'posthog-node' as const }];

/** Compiles and asks in every way there is. */
function evaluateEverything(
  definitions: unknown,
  context: unknown,
  mode: object,
): FlagEvaluation[] {
  const snapshot = compileFlagDefinitions(definitions as FlagDefinitionCacheData, {
    now: () => 0,
    ...mode,
  });
  const keys = [...snapshot.keys, 'unknown', '__proto__', 'constructor'];
  const all = snapshot.evaluateAll(context as EvaluationContext);
  all.toJSON();
  return keys.flatMap((key) => [
    snapshot.evaluate(key, context as EvaluationContext),
    snapshot.explain(key, context as EvaluationContext, { showValues: true }).evaluation,
    all.get(key) ?? snapshot.evaluate(key, context as EvaluationContext),
  ]);
}

function expectAnswers(evaluations: readonly FlagEvaluation[]): void {
  expect(evaluations.filter((evaluation) => !isAnswer(evaluation))).toEqual([]);
}

const thrower = (): never => {
  throw new Error('a hostile value');
};
const throwingProxy = (): object =>
  new Proxy(
    {},
    {
      get: thrower,
      has: thrower,
      ownKeys: thrower,
      getOwnPropertyDescriptor: thrower,
      getPrototypeOf: thrower,
    },
  );
const revokedProxy = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const tower = (height: number): unknown[] => {
  let value: unknown[] = [1.5];
  for (let level = 0; level < height; level += 1) value = [value];
  return value;
};
/** Hostile values are made at the last moment: the test library looks at what it hands out. */
type Make = () => unknown;

const hostileValue: fc.Arbitrary<Make> = fc.oneof(
  fc
    .anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSparseArray: true,
      withObjectString: true,
    })
    .map(
      (value): Make =>
        () =>
          value,
    ),
  fc.constantFrom<Make>(
    throwingProxy,
    revokedProxy,
    () => thrower,
    () => Symbol('s'),
    () => 'x'.repeat(100_000),
    () => tower(20_000),
    () => ({ toString: thrower, valueOf: thrower, toJSON: thrower }),
    () => ({ toString: () => ({}), [Symbol.toPrimitive]: thrower }),
    () => Object.defineProperty({}, 'plan', { get: thrower, enumerable: true }),
  ),
);

/** A record of hostile values with some of the names. */
function recordOf(names: readonly string[], value: fc.Arbitrary<Make>): fc.Arbitrary<Make> {
  return fc.dictionary(fc.constantFrom(...names), value).map(
    (makes): Make =>
      () =>
        Object.fromEntries(Object.entries(makes).map(([name, make]) => [name, make()])),
  );
}

describe('an evaluation', () => {
  it('answers whatever the context is', () => {
    fc.assert(
      fc.property(fc.nat(), hostileValue, fc.constantFrom(...modes), (seed, make, mode) => {
        expectAnswers(evaluateEverything(generateCase(seed).definitions, make(), mode));
      }),
    );
  });

  it('answers whatever the parts of the context are', () => {
    const names = [
      'plan',
      'age',
      'beta',
      'joined',
      'app_version',
      'path',
      '$device_id',
      '$group_key',
    ];
    const properties = fc.oneof(recordOf(names, hostileValue), hostileValue);
    const groupTypes = ['company', 'project'];
    const parts = fc.tuple(
      fc.oneof(
        fc.constant((): unknown => 'distinct_id_1'),
        hostileValue,
      ),
      properties,
      fc.oneof(recordOf(groupTypes, hostileValue), hostileValue),
      fc.oneof(recordOf(groupTypes, properties), hostileValue),
    );
    fc.assert(
      fc.property(fc.nat(), parts, fc.constantFrom(...modes), (seed, makes, mode) => {
        const [distinctId, personProperties, groups, groupProperties] = makes.map((make) => make());
        const context = { distinctId, personProperties, groups, groupProperties };
        expectAnswers(evaluateEverything(generateCase(seed).definitions, context, mode));
      }),
    );
  });

  it('answers when a property throws as it is read, and says so', () => {
    const definitions = { flags: [flagWith({ key: 'plan', operator: 'exact', value: 'pro' })] };
    const personProperties = Object.defineProperty({}, 'plan', { get: thrower, enumerable: true });
    const evaluation = compileFlagDefinitions(definitions).evaluate('a-flag', {
      distinctId: 'x',
      personProperties,
    });
    expect(evaluation).toMatchObject({ value: undefined, reason: 'evaluation_error' });
  });

  it.each([undefined, null, '', 5, {}, [], Symbol('s')])(
    'without a usable distinct id (%p) is unresolved',
    (distinctId) => {
      const snapshot = compileFlagDefinitions({
        flags: [flagWith({ key: 'plan', operator: 'is_set' })],
      });
      const evaluation = snapshot.evaluate('a-flag', { distinctId } as EvaluationContext);
      expect(evaluation).toMatchObject({ value: undefined, reason: 'missing_distinct_id' });
    },
  );

  it.each(inheritedNames)('of an unknown flag named %s is unresolved', (name) => {
    for (const mode of modes) {
      const snapshot = compileFlagDefinitions({ flags: [] }, mode);
      expect(snapshot.evaluate(name, { distinctId: 'x' })).toMatchObject({
        value: undefined,
        reason: 'unknown_flag',
      });
      expect(snapshot.has(name)).toBe(false);
    }
  });

  it.each(inheritedNames)(
    'of a flag that is really named %s is like any other, also as a dependency',
    (name) => {
      const dependent = flagWith({
        key: name,
        type: 'flag',
        operator: 'flag_evaluates_to',
        value: true,
        dependency_chain: [name],
      });
      const definitions = {
        flags: [{ key: name, active: true, filters: { groups: [{}] } }, dependent],
      };
      const snapshot = compileFlagDefinitions(definitions);
      const all = snapshot.evaluateAll({ distinctId: 'x' });
      expect(snapshot.evaluate(name, { distinctId: 'x' }).value).toBe(true);
      expect(snapshot.evaluate('a-flag', { distinctId: 'x' }).value).toBe(true);
      expect(Object.entries(all.toJSON())).toEqual([
        [name, true],
        ['a-flag', true],
      ]);
    },
  );
});

describe('each hostile case of the catalogue', () => {
  it('is answered; `npm run fidelity -- --hostile` says how fast', async () => {
    const module = new URL('hostile-answers.ts', import.meta.url);
    const { asked, wrong } = await inThread<HostileAnswers>(module, 'answerHostileCases');
    expect(wrong).toEqual([]);
    expect(asked).toBeGreaterThan(250);
  }, 120_000);
});

describe('definitions', () => {
  it('may be anything: garbage compiles, and what is asked of it is answered', () => {
    const json = fc.jsonValue({ maxDepth: 6 });
    const document = fc.record(
      { flags: fc.oneof(json, fc.array(json)), cohorts: json, group_type_mapping: json },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(json, document), fc.constantFrom(...modes), (definitions, mode) => {
        expectAnswers(
          evaluateEverything(definitions, { distinctId: 'x', groups: { company: 'acme' } }, mode),
        );
      }),
    );
  });

  it('may have garbage in any one place', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.jsonValue(),
        fc.constantFrom(...modes),
        (seed, place, garbage, mode) => {
          const { definitions, contexts } = generateCase(seed);
          const spoilt = replacedAt(definitions, place, garbage);
          expectAnswers(evaluateEverything(spoilt, contexts[0], mode));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it.each([2, 3, 50])('with a circle of %d flags leave those flags unresolved', (length) => {
    const keys = Array.from({ length }, (_, index) => `flag-${index}`);
    const flags = keys.map((key, index) => {
      const next = keys[(index + 1) % length] ?? '';
      return {
        ...flagWith({ key: next, type: 'flag', value: true, dependency_chain: [next] }),
        key,
      };
    });
    for (const evaluation of evaluateEverything({ flags }, { distinctId: 'x' }, {}))
      expect(evaluation.value).toBeUndefined();
  });

  it.each([1, 2, 50])(
    'with a circle of %d cohorts leave the flags that use it unresolved',
    (length) => {
      const cohorts = Object.fromEntries(
        Array.from({ length }, (_, index) => [
          String(index),
          { type: 'AND', values: [cohortFilter((index + 1) % length)] },
        ]),
      );
      const definitions = { flags: [flagWith(cohortFilter(0))], cohorts };
      expect(
        compileFlagDefinitions(definitions as FlagDefinitionCacheData).evaluate('a-flag', {
          distinctId: 'x',
        }).value,
      ).toBeUndefined();
    },
  );

  it('with a circle through a flag and a cohort leave the flag unresolved', () => {
    const cohorts = {
      '0': {
        type: 'OR',
        values: [{ key: 'a-flag', type: 'flag', value: true, dependency_chain: ['a-flag'] }],
      },
    };
    const definitions = { flags: [flagWith(cohortFilter(0))], cohorts };
    expect(
      compileFlagDefinitions(definitions).evaluate('a-flag', { distinctId: 'x' }).value,
    ).toBeUndefined();
  });

  it('may be towers: cohorts in cohorts, groups in groups, flags upon flags', () => {
    const height = 20_000;
    const cohorts: Record<string, CohortDefinition> = {};
    for (let id = 0; id < height; id += 1)
      cohorts[String(id)] = { type: 'AND', values: [cohortFilter(id + 1)] };
    let nested: CohortDefinition = { type: 'AND', values: [{ key: 'plan', operator: 'is_set' }] };
    for (let level = 0; level < height; level += 1) nested = { type: 'OR', values: [nested] };
    cohorts['nested'] = nested;
    const chained = Array.from({ length: 2_000 }, (_, index) => {
      const before = `flag-${index - 1}`;
      const filter = { key: before, type: 'flag', value: true, dependency_chain: [before] };
      return index === 0
        ? { key: 'flag-0', active: true }
        : { ...flagWith(filter), key: `flag-${index}` };
    });
    const flags = [
      flagWith(cohortFilter(0)),
      { ...flagWith(cohortFilter('nested')), key: 'nested' },
      ...chained.toReversed(),
    ];
    expectAnswers(
      evaluateEverything(
        { flags, cohorts },
        { distinctId: 'x', personProperties: { plan: 'a' } },
        {},
      ),
    );
  });
});

describe('a regular expression that backtracks without bound elsewhere', () => {
  // The test's own time limit is the only clock here: an engine that backtracks never gets there.
  it.each([
    ['^(a+)+$', `${'a'.repeat(40)}!`],
    ['^(a|a)*$', `${'a'.repeat(40)}!`],
    ['^(a|aa)+$', `${'a'.repeat(60)}!`],
    ['(a*)*b', 'a'.repeat(40)],
    ['^(\\w+\\s?)*$', `${'word '.repeat(12)}!`],
    ['^([a-z0-9]+)*@acme\\.com$', 'x'.repeat(40)],
    ['(x+x+)+y', 'x'.repeat(40)],
    ['^(.*a){20}$', `${'a'.repeat(60)}!`],
    ['a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(3_000)],
  ])('answers no or leaves it open: %s', (pattern, path) => {
    for (const mode of modes) {
      const snapshot = compileFlagDefinitions(
        { flags: [flagWith({ key: 'path', operator: 'regex', value: pattern })] },
        mode,
      );
      const { value } = snapshot.evaluate('a-flag', {
        distinctId: 'x',
        personProperties: { path },
      });
      expect([false, undefined]).toContain(value);
    }
  });
});

function flagWith(filter: object): FlagDefinition {
  return { key: 'a-flag', active: true, filters: { groups: [{ properties: [filter as never] }] } };
}

function cohortFilter(id: number | string): {
  key: string;
  type: string;
  value: number | string;
  operator: string;
} {
  return { key: 'id', type: 'cohort', value: id, operator: 'in' };
}

/** The document with something else in its n-th place, counted depth first and around. */
function replacedAt(document: unknown, place: number, replacement: unknown): unknown {
  let places = 0;
  JSON.stringify(document, (_, value: unknown) => {
    places += 1;
    return value;
  });
  let left = place % places;
  const text = JSON.stringify(document, (_, value: unknown) => {
    left -= 1;
    return left === -1 ? replacement : value;
  });
  return JSON.parse(text) as unknown;
}
