/**
 * Contexts that nobody sends on purpose: as a whole, in each of their parts, and as the value of a
 * property that every operator looks at.
 */
import type { HostileCase } from './hostile-case.js';
import { flatText } from './hostile-case.js';
import { operatorsByKind } from './pools.js';

const thrower = (): never => {
  throw new Error('a hostile value');
};

const allTraps: ProxyHandler<object> = {
  apply: thrower,
  construct: thrower,
  defineProperty: thrower,
  deleteProperty: thrower,
  get: thrower,
  getOwnPropertyDescriptor: thrower,
  getPrototypeOf: thrower,
  has: thrower,
  isExtensible: thrower,
  ownKeys: thrower,
  preventExtensions: thrower,
  set: thrower,
  setPrototypeOf: thrower,
};

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function tower(height: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1.5;
  for (let level = 0; level < height; level += 1) value = wrap(value);
  return value;
}

function circular(): object {
  const object: Record<string, unknown> = { plan: 'pro' };
  object['self'] = object;
  return object;
}

function circularList(): unknown[] {
  const list: unknown[] = ['pro'];
  list.push(list, list, list);
  return list;
}

const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `name-${index}`);

/** Values that are hostile wherever they stand. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  'a Proxy whose every trap throws': () => new Proxy({}, allTraps),
  'a Proxy of a function whose every trap throws': () => new Proxy(() => undefined, allTraps),
  'a Proxy of a list whose every trap throws': () => new Proxy([], allTraps),
  'a revoked Proxy': () => revoked({}),
  'a revoked Proxy of a list': () => revoked([]),
  'a Proxy of a list that says it is endless': () =>
    new Proxy([], { get: (_, name) => (name === 'length' ? 2 ** 53 - 1 : 'x'), has: () => true }),
  'a Proxy that has every property': () =>
    new Proxy(
      {},
      {
        get: () => 'pro',
        has: () => true,
        getOwnPropertyDescriptor: () => ({ value: 'pro', configurable: true, enumerable: true }),
        ownKeys: () => names(1_000),
      },
    ),
  'an object whose getters throw': () =>
    Object.defineProperties(
      {},
      Object.fromEntries(
        ['plan', 'company', 'length', '0'].map((name) => [
          name,
          { get: thrower, enumerable: true },
        ]),
      ),
    ),
  'an object whose toString, toJSON and valueOf throw': () => ({
    toString: thrower,
    toJSON: thrower,
    valueOf: thrower,
  }),
  'an object whose Symbol.toPrimitive throws': () => ({ [Symbol.toPrimitive]: thrower }),
  'an object whose text is an object': () => ({ toString: () => ({}), valueOf: () => ({}) }),
  'an object whose text is 10 MB': () => ({ toString: () => flatText('x', 10_000_000) }),
  'a BigInt': () => 5n,
  'a BigInt of 10,000 digits': () => 10n ** 10_000n,
  'a BigInt of 1,000,000 digits': () => 10n ** 1_000_000n,
  'a list of BigInts of 3,000 digits': () => Array<bigint>(90_000).fill(10n ** 3_000n),
  'a symbol': () => Symbol('s'),
  'a function': () => thrower,
  'an invalid Date': () => new Date(Number.NaN),
  'a Date whose getTime throws': () => Object.assign(new Date(0), { getTime: thrower }),
  NaN: () => Number.NaN,
  'a Map of 100,000': () => new Map(names(100_000).map((name) => [name, name])),
  'a Set of 100,000': () => new Set(names(100_000)),
  'bytes, 10 MB': () => new Uint8Array(10_000_000),
  'an object without a prototype': () => Object.create(null) as object,
  'an object with __proto__ and constructor of its own': () =>
    JSON.parse('{"__proto__": {"plan": "pro"}, "constructor": {"plan": "pro"}, "plan": "pro"}'),
  'an object that holds itself': circular,
  'a list that holds itself three times': circularList,
  'lists in lists, 100,000 deep': () => tower(100_000, (inner) => [inner]),
  'objects in objects, 100,000 deep': () => tower(100_000, (inner) => ({ inner })),
  'lists that hold the next twice, 1,000 deep': () => tower(1_000, (inner) => [inner, inner]),
  'lists that hold the next ten times, 6 deep': () =>
    tower(6, (inner) => Array.from({ length: 10 }, () => inner)),
  'objects that hold the next twice, 1,000 deep': () =>
    tower(1_000, (inner) => ({ left: inner, right: inner })),
  'a list of 1,000,000': () => Array<string>(1_000_000).fill('x'),
  'a list of 90,000': () => names(90_000),
  'a list of 90,000 empty objects': () => Array.from({ length: 90_000 }, () => ({})),
  'a list of 4,294,967,295 holes': () => Object.assign([], { length: 4_294_967_295 }),
  'a list of 90,000 holes': () => Object.assign([], { length: 90_000 }),
  'a list of 1,000 texts of 1 MB': () => Array<string>(1_000).fill(flatText('x', 1_000_000)),
  'an object of 50,000 members': () =>
    Object.fromEntries(names(50_000).map((name) => [name, name])),
  'an object of 1,000 texts of 1 MB': () => {
    const text = flatText('x', 1_000_000);
    return Object.fromEntries(names(1_000).map((name) => [name, text]));
  },
  '500 KB of small letters': () => flatText('x', 500_000),
  '500 KB of both in turn': () => flatText('xX', 500_000),
  '500 KB beyond Latin': () => 'жA'.repeat(250_000),
  '500 KB of digits': () => flatText('1', 500_000),
  '500 KB of 1.': () => flatText('1.', 500_000),
  '500 KB of dashes': () => flatText('1-', 500_000),
  '500 KB of halves of pairs': () => '\ud800'.repeat(500_000),
  '500 KB of a': () => flatText('a', 500_000),
  '500 KB of A': () => flatText('A', 500_000),
  'an object of 1,000 names of 1,000 letters': () =>
    Object.fromEntries(names(1_000).map((name) => [`${flatText('x', 990)}${name}`, 1])),
  '10 MB of small letters': () => flatText('x', 10_000_000),
  '10 MB of capital letters': () => flatText('X', 10_000_000),
  '10 MB of both in turn': () => flatText('xX', 10_000_000),
  '10 MB of spaces': () => flatText(' ', 10_000_000),
  '10 MB of digits': () => flatText('1', 10_000_000),
  '10 MB of points': () => flatText('.', 10_000_000),
  '10 MB of 1.': () => flatText('1.', 10_000_000),
  '10 MB of dashes': () => flatText('1-', 10_000_000),
  '10 MB of carriage returns': () => flatText('\r', 10_000_000),
  '10 MB of letters that grow in lower case': () => 'İ'.repeat(5_000_000),
  '10 MB beyond Latin': () => 'ж'.repeat(5_000_000),
  '10 MB of halves of pairs': () => '\ud800'.repeat(5_000_000),
  '10 MB of one letter and then another': () => `${flatText('a', 9_999_999)}b`,
};

/** What a filter of each operator asks for. */
const wanted: Readonly<Record<string, unknown>> = {
  text: 'Value-X',
  number: 5,
  truth: true,
  date: '2024-01-01',
  version: '1.2.3',
  pattern: '^[a-z]+@(acme|globex)\\.com$',
};
const others: readonly (readonly [operator: string, value: unknown])[] = [
  ['exact', ['a', 'b', 1.5]],
  ['exact', 'false'],
  ['exact', { a: 1.5 }],
  ['icontains', `b${flatText('a', 300)}`],
  ['icontains', `${flatText('a', 300)}b`],
  ['icontains', `${flatText('a', 200_000)}b${flatText('a', 200_000)}`],
  ['ends_with', `b${flatText('A', 200_000)}`],
  ['gt', 'text'],
  ['is_date_before', '30d'],
  ['semver_wildcard', '1.*'],
  ['regex', '(a+)+$'],
  ['regex', 'x*$'],
];

const filters = [
  ...Object.entries(operatorsByKind).flatMap(([kind, operators]) =>
    operators.map((operator) => [operator, wanted[kind]] as const),
  ),
  ...others,
].map(([operator, value]) => ({ key: 'plan', operator, value }));

const everyOperator = {
  flags: [
    ...filters.map((filter, index) => ({
      key: `${filter.operator}-${index}`,
      active: true,
      filters: { groups: [{ properties: [filter] }] },
    })),
    {
      key: 'of-groups',
      active: true,
      filters: {
        aggregation_group_type_index: 0,
        groups: [{ properties: [{ key: 'plan', value: 'pro' }], rollout_percentage: 50 }],
      },
    },
    {
      key: 'of-devices',
      active: true,
      bucketing_identifier: 'device_id',
      filters: { groups: [{ rollout_percentage: 50 }] },
    },
    {
      key: 'of-people',
      active: true,
      filters: {
        groups: [{ rollout_percentage: 50 }],
        holdout: { id: 1, exclusion_percentage: 10 },
      },
    },
  ],
  group_type_mapping: { 0: 'company' },
};
const keys = everyOperator.flags.map(({ key }) => key);

function asked(context: () => unknown): HostileCase {
  return { make: () => ({ definitions: everyOperator, context: context(), keys }) };
}

const places: Readonly<Record<string, (value: unknown) => unknown>> = {
  'as the context': (value) => value,
  'as distinct id': (distinctId) => ({ distinctId, personProperties: { plan: 'pro' } }),
  'as properties': (value) => ({
    distinctId: 'somebody',
    personProperties: value,
    groups: value,
    groupProperties: value,
  }),
  'as a property, device and group': (value) => ({
    distinctId: 'somebody',
    personProperties: { plan: value, $device_id: value },
    groups: { company: value },
    groupProperties: { company: { plan: value } },
  }),
  'as properties of a group': (value) => ({
    distinctId: 'somebody',
    groups: { company: 'acme' },
    groupProperties: { company: value },
  }),
};

export const hostileContexts: Readonly<Record<string, HostileCase>> = Object.fromEntries(
  Object.entries(hostileValues).flatMap(([name, make]) =>
    Object.entries(places).map(([place, put]) => [`${name}, ${place}`, asked(() => put(make()))]),
  ),
);
