/**
 * Definitions that nobody writes on purpose, by what is wrong with them. Each is made anew where
 * it is used, with texts that nobody has read before: an engine remembers what it has hashed.
 */
import type { HostileCase } from './hostile-case.js';
import { flatText } from './hostile-case.js';

const somebody = { distinctId: 'somebody', personProperties: { plan: 'pro', $device_id: 'd' } };

function flagWith(...properties: readonly object[]): object {
  return { key: 'a-flag', active: true, filters: { groups: [{ properties }] } };
}

function inCohort(id: number | string): object {
  return { key: 'id', type: 'cohort', value: id, operator: 'in' };
}

function needs(key: string, chain: readonly string[] = [key]): object {
  return {
    key,
    type: 'flag',
    value: true,
    operator: 'flag_evaluates_to',
    dependency_chain: chain,
  };
}

/** Cohorts `0` to `count - 1`, each with the members that its number gives. */
function cohorts(count: number, members: (id: number) => readonly object[]): object {
  return Object.fromEntries(
    Array.from({ length: count }, (_, id) => [String(id), { type: 'AND', values: members(id) }]),
  );
}

function flags(count: number, filters: (position: number) => readonly object[]): object[] {
  return Array.from({ length: count }, (_, position) => ({
    ...flagWith(...filters(position)),
    key: `flag-${position}`,
  }));
}

function tower(height: number, wrap: (inner: unknown) => unknown, bottom: unknown): unknown {
  let value = bottom;
  for (let level = 0; level < height; level += 1) value = wrap(value);
  return value;
}

function asked(definitions: () => object, keys: readonly string[] = ['a-flag']): HostileCase {
  return { make: () => ({ definitions: definitions(), context: somebody, keys }) };
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `value-${index}`);

function listOf(operator: string, count: number): HostileCase {
  return asked(() => ({ flags: [flagWith({ key: 'plan', operator, value: names(count) })] }));
}

const nesting: Readonly<Record<string, HostileCase>> = {
  'cohorts in cohorts, 10,000 deep': asked(() => ({
    flags: [flagWith(inCohort(0))],
    cohorts: cohorts(10_000, (id) => [inCohort(id + 1)]),
  })),
  'cohorts of which each holds the next twice, 10,000 deep': asked(() => ({
    flags: [flagWith(inCohort(0))],
    cohorts: cohorts(10_000, (id) => [inCohort(id + 1), inCohort(id + 1)]),
  })),
  'cohorts of which each holds the next twice, 90 deep': asked(() => ({
    flags: [flagWith(inCohort(0))],
    cohorts: cohorts(90, (id) =>
      id < 89 ? [inCohort(id + 1), inCohort(id + 1)] : [{ key: 'plan', value: 'free' }],
    ),
  })),
  'a cohort with groups in groups, 10,000 deep': asked(() => ({
    flags: [flagWith(inCohort('deep'))],
    cohorts: {
      deep: tower(10_000, (inner) => ({ type: 'OR', values: [inner] }), {
        type: 'AND',
        values: [{ key: 'plan', value: 'pro' }],
      }),
    },
  })),
  'filters with groups in groups, 10,000 deep': asked(() => ({
    flags: [
      flagWith(
        tower(10_000, (inner) => ({ type: 'AND', values: [inner] }), {
          key: 'plan',
          value: 'pro',
        }) as object,
      ),
    ],
  })),
  'a value of lists in lists, 10,000 deep': asked(() => ({
    flags: [flagWith({ key: 'plan', value: tower(10_000, (inner) => [inner], 'pro') })],
  })),
  'a value of lists that hold the next twice, 100 deep': asked(() => ({
    flags: [
      flagWith({ key: 'plan', value: tower(100, (inner) => [inner, inner], 'true') }),
      {
        ...flagWith({
          key: 'plan',
          operator: 'icontains',
          value: tower(100, (inner) => [inner, inner], 'x'),
        }),
        key: 'contains',
      },
    ],
  })),
};

const circles: Readonly<Record<string, HostileCase>> = {
  'a circle of 10,000 cohorts': asked(() => ({
    flags: [flagWith(inCohort(0))],
    cohorts: cohorts(10_000, (id) => [inCohort((id + 1) % 10_000)]),
  })),
  '300 cohorts of which each holds all': asked(() => ({
    flags: [flagWith(inCohort(0))],
    cohorts: cohorts(300, () => Array.from({ length: 300 }, (_, id) => inCohort(id))),
  })),
  'a circle of 10,000 flags': asked(
    () => ({ flags: flags(10_000, (at) => [needs(`flag-${(at + 1) % 10_000}`)]) }),
    ['flag-0', 'flag-5000'],
  ),
  'a chain of 10,000 flags': asked(
    () => ({ flags: flags(10_000, (at) => [needs(`flag-${at + 1}`)]) }),
    ['flag-0', 'flag-9899', 'flag-9950', 'flag-9999'],
  ),
  'a chain of 10,000 flags, the last one first': asked(
    () => ({ flags: flags(10_000, (at) => (at === 0 ? [] : [needs(`flag-${at - 1}`)])) }),
    ['flag-9999', 'flag-99', 'flag-0'],
  ),
  'a chain of 300 flags that names all before': asked(
    () => ({
      flags: flags(300, (at) =>
        at === 0
          ? []
          : [
              needs(
                `flag-${at - 1}`,
                Array.from({ length: at }, (_, index) => `flag-${index}`),
              ),
            ],
      ),
    }),
    ['flag-299', 'flag-90'],
  ),
  'a flag upon 2,999 others': asked(
    () => ({
      flags: flags(3_000, (at) =>
        at === 0 ? Array.from({ length: 2_999 }, (_, index) => needs(`flag-${index + 1}`)) : [],
      ),
    }),
    ['flag-0'],
  ),
};

const sizes: Readonly<Record<string, HostileCase>> = {
  '10,000 flags': asked(
    () => ({ flags: flags(10_000, () => [{ key: 'plan', value: 'pro' }]) }),
    ['flag-0', 'flag-9999'],
  ),
  'a flag of 10,000 conditions': asked(() => ({
    flags: [
      {
        key: 'a-flag',
        active: true,
        filters: {
          groups: Array.from({ length: 10_000 }, (_, index) => ({
            properties: [{ key: 'plan', value: `value-${index}` }],
          })),
        },
      },
    ],
  })),
  'a condition of 10,000 filters': asked(() => ({
    flags: [
      flagWith(
        ...Array.from({ length: 10_000 }, (_, index) => ({
          key: 'plan',
          operator: 'is_not',
          value: `value-${index}`,
        })),
      ),
    ],
  })),
  'a flag of 10,000 variants': asked(() => ({
    flags: [
      {
        key: 'a-flag',
        active: true,
        filters: {
          groups: [{}],
          multivariate: {
            variants: names(10_000).map((key) => ({ key, rollout_percentage: 0.001 })),
          },
        },
      },
    ],
  })),
  'a payload of 1 MB': asked(() => ({
    flags: [
      {
        key: 'a-flag',
        active: true,
        filters: { groups: [{}], payloads: { true: JSON.stringify(names(70_000)) } },
      },
    ],
  })),
  'a flag with a key of 1 MB': (() => {
    const key = 'k'.repeat(1_000_000);
    return asked(
      () => ({ flags: [{ key, active: true, filters: { groups: [{ rollout_percentage: 50 }] } }] }),
      [key],
    );
  })(),
  'a list of 1,000,000 values in exact': listOf('exact', 1_000_000),
  'a list of 1,000,000 values in is_not': listOf('is_not', 1_000_000),
  'a list of 1,000,000 values in icontains': listOf('icontains', 1_000_000),
  'a list of 1,000,000 values in regex': listOf('regex', 1_000_000),
  'a list of 1,000,000 truths in exact': asked(() => ({
    flags: [flagWith({ key: 'plan', value: Array<string>(1_000_000).fill('True') })],
  })),
  'a list of 50,000 values in exact': listOf('exact', 50_000),
  'a value of 1 MB in exact': asked(() => ({
    flags: [flagWith({ key: 'plan', value: flatText('V', 1_000_000) })],
  })),
  'a value of 1 MB in icontains': asked(() => ({
    flags: [flagWith({ key: 'plan', operator: 'icontains', value: flatText('V', 1_000_000) })],
  })),
  'an object of 50,000 members in exact': asked(() => ({
    flags: [
      flagWith({
        key: 'plan',
        value: Object.fromEntries(names(50_000).map((name) => [name, name])),
      }),
    ],
  })),
};

const inherited = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];

const strange: Readonly<Record<string, HostileCase>> = {
  'names that every object inherits, everywhere': asked(
    () =>
      JSON.parse(
        JSON.stringify({
          flags: inherited.map((key) => ({
            key,
            active: true,
            filters: {
              groups: [{ properties: [{ key, value: key }, inCohort(key), needs('constructor')] }],
              payloads: { [key]: '1' },
              multivariate: { variants: [{ key, rollout_percentage: 100 }] },
              aggregation_group_type_index: key,
            },
          })),
          cohorts: Object.fromEntries(inherited.map((key) => [key, { type: 'AND', values: [] }])),
          group_type_mapping: Object.fromEntries(inherited.map((key) => [key, key])),
        }).replaceAll('"toString":', '"__proto__":'),
      ) as object,
    inherited,
  ),
  'an operator and a value of every type': asked(
    () => ({
      flags: [
        undefined,
        null,
        5n,
        Symbol('s'),
        () => 1,
        Number.NaN,
        new Date(Number.NaN),
        new Map([[1, 2]]),
        new Uint8Array(100_000),
        Object.create(null),
      ].flatMap((value, index) =>
        ['exact', 'icontains', 'gt', 'regex', 'is_date_after', 'semver_gt', value].map(
          (operator, place) => ({
            ...flagWith({ key: 'plan', operator, value }),
            key: `flag-${index}-${place}`,
          }),
        ),
      ),
    }),
    Array.from({ length: 70 }, (_, index) => `flag-${Math.floor(index / 7)}-${index % 7}`),
  ),
};

export const hostileDefinitions = { nesting, circles, sizes, strange } satisfies Readonly<
  Record<string, Readonly<Record<string, HostileCase>>>
>;
