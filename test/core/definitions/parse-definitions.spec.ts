import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDefinitions } from '../../../lib/core/definitions/parse-definitions.js';
import type { ParsedDefinitions } from '../../../lib/core/definitions/parse-definitions.js';

type Accepted = Extract<ParsedDefinitions, { ok: true }>;

function accept(input: unknown): Accepted {
  const parsed = parseDefinitions(input);
  if (!parsed.ok) throw new Error(`refused: ${parsed.message}`);
  return parsed;
}

function acceptJson(json: string): Accepted {
  return accept(JSON.parse(json));
}

const keysOf = (parsed: Accepted): string[] => parsed.definitions.flags.map((flag) => flag.key);

function nested(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
}

describe('a document that is no definitions document', () => {
  it.each([
    ['nothing', undefined, 'must be an object, got nothing'],
    ['null', null, 'must be an object, got null'],
    ['a web page', '<!doctype html><title>Sign in</title>', 'like a web page'],
    ['JSON text that nobody parsed', '{"flags":[]}', 'must be parsed first'],
    ['a number', 42, 'must be an object, got a number'],
    ['an array', [], 'must be an object, got an array'],
    ['an empty object', {}, '"flags" must be an array, got nothing'],
    ['flags that are null', { flags: null }, '"flags" must be an array, got null'],
    ['flags that are an object', { flags: {} }, '"flags" must be an array, got an object'],
    ['an error of the API', { type: 'authentication_error', detail: 'no' }, 'got nothing'],
    ['flags under __proto__', JSON.parse('{"__proto__":{"flags":[]}}'), 'got nothing'],
  ])('is refused as a whole: %s', (_name, input, why) => {
    expect(parseDefinitions(input)).toEqual({ ok: false, message: expect.stringContaining(why) });
  });

  it('is refused when it has more than 10,000 flags', () => {
    const flags = Array.from({ length: 10_001 }, (_, index) => ({ key: `flag-${index}` }));
    expect(parseDefinitions({ flags })).toEqual({
      ok: false,
      message: expect.stringContaining('10001 flags'),
    });
    expect(accept({ flags: flags.slice(1) }).definitions.flags).toHaveLength(10_000);
  });

  it('is refused when it has more than 10,000 cohorts', () => {
    const cohorts = Object.fromEntries(Array.from({ length: 10_001 }, (_, id) => [id, {}]));
    expect(parseDefinitions({ flags: [], cohorts })).toEqual({
      ok: false,
      message: expect.stringContaining('10001 cohorts'),
    });
  });

  it('is described without a value of the document', () => {
    const parsed = parseDefinitions('phx_secret in a string');
    expect(JSON.stringify(parsed)).not.toContain('phx_secret');
  });
});

describe('a definitions document', () => {
  it('may have no flags at all: an empty project is no error', () => {
    expect(accept({ flags: [] })).toEqual({
      ok: true,
      issues: [],
      definitions: {
        flags: [],
        group_type_mapping: {},
        groupTypeMapping: {},
        cohorts: {},
        minimal_flag_called_events: false,
        minimalFlagCalledEvents: false,
      },
    });
  });

  it.each([
    ['snake_case', { group_type_mapping: { 0: 'company' } }],
    ['camelCase', { groupTypeMapping: { 0: 'company' } }],
    [
      'both, snake_case first',
      { group_type_mapping: { 0: 'company' }, groupTypeMapping: { 0: 'x' } },
    ],
    ['camelCase beside a null', { group_type_mapping: null, groupTypeMapping: { 0: 'company' } }],
  ])('leaves with both spellings of the group types: came as %s', (_name, fields) => {
    const { definitions, issues } = accept({ flags: [], ...fields });
    expect(definitions.group_type_mapping).toEqual({ 0: 'company' });
    expect(definitions.groupTypeMapping).toEqual({ 0: 'company' });
    expect(issues).toEqual([]);
  });

  it.each([
    ['snake_case', { property_matching_version: 2, minimal_flag_called_events: true }],
    ['camelCase', { propertyMatchingVersion: 2, minimalFlagCalledEvents: true }],
    [
      'both, snake_case first',
      {
        property_matching_version: 2,
        propertyMatchingVersion: 1,
        minimal_flag_called_events: true,
        minimalFlagCalledEvents: false,
      },
    ],
  ])('leaves with both spellings of version and events: came as %s', (_name, fields) => {
    expect(accept({ flags: [], ...fields }).definitions).toMatchObject({
      property_matching_version: 2,
      propertyMatchingVersion: 2,
      minimal_flag_called_events: true,
      minimalFlagCalledEvents: true,
    });
  });

  it('takes only a true for "minimal events", and a false in snake_case over a true in camelCase', () => {
    const fields = { minimal_flag_called_events: false, minimalFlagCalledEvents: true };
    expect(accept({ flags: [], ...fields }).definitions.minimalFlagCalledEvents).toBe(false);
    expect(
      accept({ flags: [], minimal_flag_called_events: 'yes' }).definitions
        .minimal_flag_called_events,
    ).toBe(false);
  });

  it('keeps fields that it does not know, at every level', () => {
    const document = {
      flags: [
        {
          key: 'a',
          future: { deep: [1] },
          filters: {
            rules: [{ x: 1 }],
            groups: [{ sort_key: 'c1', properties: [{ key: 'k', label: 'L' }] }],
            multivariate: { variants: [{ key: 'v', rollout_percentage: 100, colour: 'red' }] },
          },
        },
      ],
      cohorts: { 7: { type: 'AND', values: [{ key: 'k', bytecode: [1] }], note: 'n' } },
      group_type_mapping: { 0: 'company' },
      quota: { left: 3 },
    };
    const { definitions } = accept(JSON.parse(JSON.stringify(document)));
    expect(definitions).toMatchObject(document);
  });

  it('comes out the same when it goes through a cache and is read again', () => {
    const first = accept({
      flags: [{ key: 'a', active: true, filters: { groups: [{ rollout_percentage: 12.5 }] } }],
      cohorts: { 1: {} },
      groupTypeMapping: { 0: 'company' },
      propertyMatchingVersion: 2,
      extra: [1, { two: null }],
    });
    const again = acceptJson(JSON.stringify(first.definitions));
    expect(again).toEqual(first);
  });

  it('is not changed by being read', () => {
    const document = {
      flags: [{ key: 'a' }, null, { key: 'a' }],
      cohorts: { 1: {}, 2: 'bad' },
      groupTypeMapping: { 0: 'company', 1: 5 },
    };
    const before = JSON.stringify(document);
    accept(document);
    expect(JSON.stringify(document)).toBe(before);
  });
});

describe('a bad flag', () => {
  const good = [{ key: 'first' }, { key: 'last' }];
  it.each([
    ['null', null, 'it must be an object, got null'],
    ['a string', 'flag', 'it must be an object, got a string'],
    ['an array', [], 'it must be an object, got an array'],
    ['without a key', { active: true }, 'key must be a string, got nothing'],
    ['with a numeric key', { key: 7 }, 'key must be a string, got a number'],
    ['with an empty key', { key: '' }, 'key must not be empty'],
    ['active in words', { key: 'bad', active: 'yes' }, 'active must be true or false'],
    ['filters as text', { key: 'bad', filters: 'all' }, 'filters must be an object, got a string'],
    ['filters as a list', { key: 'bad', filters: [] }, 'filters must be an object, got an array'],
    ['groups as an object', { key: 'bad', filters: { groups: {} } }, 'filters.groups must be'],
    ['a null condition', { key: 'bad', filters: { groups: [{}, null] } }, 'filters.groups[1] must'],
    [
      'a rollout as text',
      { key: 'bad', filters: { groups: [{ rollout_percentage: '50' }] } },
      'filters.groups[0].rollout_percentage must be a number, got a string',
    ],
    [
      'a filter without a key',
      { key: 'bad', filters: { groups: [{ properties: [{ value: 1 }] }] } },
      'filters.groups[0].properties[0].key must be a string, got nothing',
    ],
    [
      'a numeric operator',
      { key: 'bad', filters: { groups: [{ properties: [{ key: 'k', operator: 3 }] }] } },
      'properties[0].operator must be a string',
    ],
    [
      'a variant without a share',
      { key: 'bad', filters: { multivariate: { variants: [{ key: 'v' }] } } },
      'filters.multivariate.variants[0].rollout_percentage must be a number',
    ],
    ['payloads as a list', { key: 'bad', filters: { payloads: [] } }, 'filters.payloads must be'],
    ['a holdout as a number', { key: 'bad', filters: { holdout: 3 } }, 'filters.holdout must be'],
    ['contexts as text', { key: 'bad', evaluation_contexts: 'a' }, 'evaluation_contexts must be'],
    ['what JSON cannot carry', { key: 'bad', active: true, on: () => 1 }, 'holds a function'],
    ['a big integer', { key: 'bad', id: 3n }, 'holds a bigint'],
    ['a number that is none', { key: 'bad', version: Number.NaN }, 'holds NaN'],
    ['nesting without end', { key: 'bad', deep: nested(64) }, 'nested deeper than 64 levels'],
  ])('is named and left out while the others live: %s', (_name, bad, why) => {
    const parsed = accept({ flags: [good[0], bad, good[1]] });
    expect(keysOf(parsed)).toEqual(['first', 'last']);
    expect(parsed.issues).toEqual([
      {
        part: 'flag',
        key: (bad as { key?: unknown } | null)?.key === 'bad' ? 'bad' : undefined,
        position: 1,
        message: expect.stringContaining(why),
      },
    ]);
    expect(parsed.issues[0]?.message).toContain('flags[1]');
  });

  it('with the key of another is left out, the last one counts, and it is named', () => {
    const parsed = accept({
      flags: [
        { key: 'a', id: 1 },
        { key: 'b', id: 2 },
        { key: 'a', id: 3 },
        { key: 'a', id: 4 },
      ],
    });
    expect(parsed.definitions.flags).toEqual([
      { key: 'b', id: 2 },
      { key: 'a', id: 4 },
    ]);
    expect(parsed.issues.map(({ key, position }) => [key, position])).toEqual([
      ['a', 0],
      ['a', 2],
    ]);
  });

  it('does not displace a good flag of the same key', () => {
    const parsed = accept({
      flags: [
        { key: 'a', id: 1 },
        { key: 'a', filters: 5 },
      ],
    });
    expect(parsed.definitions.flags).toEqual([{ key: 'a', id: 1 }]);
  });

  it('is named without printing its values, its key cut short and on one line', () => {
    const key = `line\nbreak${'x'.repeat(500)}`;
    const parsed = accept({ flags: [{ key, filters: 'phs_canary' }] });
    const message = parsed.issues[0]?.message ?? '';
    expect(message).not.toContain('phs_canary');
    expect(message).not.toContain('\n');
    expect(message.length).toBeLessThan(400);
    expect(parsed.issues[0]?.key).toBe(key);
  });
});

describe('what this library does not know', () => {
  it.each([
    ['an operator', { groups: [{ properties: [{ key: 'k', operator: 'resembles' }] }] }],
    [
      'a type of filter',
      { groups: [{ properties: [{ type: 'behavioral', key: 5, operator: {} }] }] },
    ],
    ['a version of the rules', { version: 2, groups: 'moved', rules: [{}] }],
  ])('is passed on for the evaluator to judge: %s', (_name, filters) => {
    const parsed = accept({ flags: [{ key: 'a', filters }] });
    expect(parsed.issues).toEqual([]);
    expect(parsed.definitions.flags).toEqual([{ key: 'a', filters }]);
  });

  it('accepts null wherever PostHog sends null for "not set"', () => {
    const flag = {
      key: 'a',
      active: null,
      evaluation_runtime: null,
      evaluation_contexts: null,
      bucketing_identifier: null,
      filters: {
        groups: [
          {
            properties: null,
            rollout_percentage: null,
            variant: null,
            aggregation_group_type_index: null,
          },
        ],
        multivariate: null,
        payloads: null,
        holdout: null,
        early_exit: null,
        aggregation_group_type_index: null,
      },
    };
    expect(accept({ flags: [flag, { key: 'b', filters: null }] }).issues).toEqual([]);
  });
});

describe('a bad cohort or group type', () => {
  it.each([
    ['null', null, 'it must be an object, got null'],
    ['a list', [], 'it must be an object, got an array'],
    ['values as an object', { type: 'AND', values: {} }, 'values must be an array'],
    ['a numeric type', { type: 1, values: [] }, 'type must be a string'],
    ['a null in its values', { values: [{ key: 'k' }, null] }, 'values[1] must be an object'],
    ['a bad node below', { values: [{ values: [{ values: 3 }] }] }, 'values[0].values[0].values'],
    ['a leaf without a key', { values: [{ operator: 'exact' }] }, 'values[0].key must be a string'],
    ['endless nesting', { values: [nested(70)] }, 'nested deeper than 64 levels'],
  ])('is named and left out while the others live: %s', (_name, bad, why) => {
    const parsed = accept({ flags: [], cohorts: { 1: {}, 2: bad, 3: { type: 'OR', values: [] } } });
    expect(parsed.definitions.cohorts).toEqual({ 1: {}, 3: { type: 'OR', values: [] } });
    expect(parsed.issues).toEqual([
      { part: 'cohort', key: '2', message: expect.stringContaining(why) },
    ]);
  });

  it.each([[[]], ['none'], [3]])('leaves an empty object when all cohorts are %j', (cohorts) => {
    const parsed = accept({ flags: [{ key: 'a' }], cohorts });
    expect(parsed.definitions.cohorts).toEqual({});
    expect(keysOf(parsed)).toEqual(['a']);
    expect(parsed.issues).toMatchObject([{ part: 'field', key: 'cohorts' }]);
  });

  it('names a group type without a name, and keeps the others', () => {
    const parsed = accept({ flags: [], group_type_mapping: { 0: 'company', 1: null } });
    expect(parsed.definitions.groupTypeMapping).toEqual({ 0: 'company' });
    expect(parsed.issues).toMatchObject([{ part: 'group-type', key: '1' }]);
  });

  it.each([
    ['group_type_mapping', { group_type_mapping: ['company'] }],
    ['property_matching_version', { property_matching_version: '2' }],
    ['extra', { extra: nested(65) }],
  ])('names a field that cannot be read: %s', (field, fields) => {
    const parsed = accept({ flags: [{ key: 'a' }], ...fields });
    expect(parsed.issues).toMatchObject([{ part: 'field', key: field }]);
    expect(keysOf(parsed)).toEqual(['a']);
  });
});

describe('names that mean something to JavaScript', () => {
  const json = JSON.stringify({
    flags: ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((key) => ({ key })),
    cohorts: { constructor: { type: 'AND', values: [] }, 1: {} },
    group_type_mapping: { 0: 'company', constructor: 'evil' },
  })
    .replace('"1":{}', '"__proto__":{"values":[{"key":"polluted"}]}')
    .replace('"0":"company"', '"__proto__":"polluted","0":"company"')
    .replace(/^\{/, '{"__proto__":{"polluted":true},');

  it('are ordinary keys of flags, cohorts, group types and fields, and survive a round trip', () => {
    const first = acceptJson(json);
    const { definitions } = acceptJson(JSON.stringify(first.definitions));
    expect(first.issues).toEqual([]);
    expect(definitions.flags.map(({ key }) => key)).toEqual([
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
    ]);
    expect(Object.keys(definitions.cohorts ?? {}).sort()).toEqual(['__proto__', 'constructor']);
    expect(Object.keys(definitions.group_type_mapping ?? {}).sort()).toEqual([
      '0',
      '__proto__',
      'constructor',
    ]);
    expect(Object.keys(definitions)).toContain('__proto__');
  });

  it('change no prototype', () => {
    const { definitions } = acceptJson(json);
    for (const made of [definitions, definitions.cohorts, definitions.groupTypeMapping]) {
      expect(Object.getPrototypeOf(made)).toBe(Object.getPrototypeOf({}));
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect('polluted' in definitions).toBe(false);
  });
});

describe('hostile nesting', () => {
  it('does not overflow the stack, wherever it is', () => {
    const deep = nested(200_000);
    const parsed = accept({
      flags: [{ key: 'a', deep }, { key: 'b' }],
      cohorts: { 1: { deep } },
      deep,
    });
    expect(keysOf(parsed)).toEqual(['b']);
    expect(parsed.issues.map(({ part }) => part).sort()).toEqual(['cohort', 'field', 'flag']);
  });

  it('accepts 64 levels', () => {
    expect(accept({ flags: [{ key: 'a', deep: nested(63) }] }).issues).toEqual([]);
  });

  it('ends for an object that contains itself, or doubles at every level', () => {
    const cycle: Record<string, unknown> = { key: 'cycle' };
    cycle['self'] = cycle;
    let doubling: unknown[] = [];
    for (let level = 0; level < 40; level += 1) doubling = [doubling, doubling];
    const parsed = accept({ flags: [cycle, { key: 'doubling', doubling }, { key: 'b' }] });
    expect(keysOf(parsed)).toEqual(['b']);
    expect(parsed.issues.map(({ key }) => key)).toEqual(['cycle', 'doubling']);
  });
});

it('answers for any JSON whatever, and what it accepts it accepts again unchanged', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        flags: fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({ key: fc.jsonValue(), filters: fc.jsonValue() }),
            fc.record({
              key: fc.constantFrom('a', 'b', '__proto__'),
              filters: fc.record({ groups: fc.array(fc.jsonValue()) }, { requiredKeys: [] }),
            }),
          ),
        ),
        cohorts: fc.jsonValue(),
        group_type_mapping: fc.jsonValue(),
        groupTypeMapping: fc.jsonValue(),
        property_matching_version: fc.jsonValue(),
        minimal_flag_called_events: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  fc.assert(
    fc.property(anything, (input) => {
      const parsed = parseDefinitions(input);
      if (!parsed.ok) return parsed.message.length > 0;
      const again = accept(JSON.parse(JSON.stringify(parsed.definitions)));
      expect(again.issues).toEqual([]);
      expect(JSON.stringify(again.definitions)).toBe(JSON.stringify(parsed.definitions));
      return true;
    }),
    { numRuns: 500 },
  );
});
