import { describe, expect, it } from '@jest/globals';
import { answerOf, compat, documentOf, evaluate, flagWith, type Loose } from './ask.js';

const yes = { key: 'plan', value: 'pro', type: 'person' };
const no = { key: 'plan', value: 'free', type: 'person' };
const missing = { key: 'absent', value: 'x', type: 'person' };
const unsupported = { key: 'plan', operator: 'between', type: 'person' };
const failing = { key: 'bad', operator: 'icontains', value: 'x' };
const staticCohort = { type: 'cohort', key: 'id', value: 99 };
const context = {
  distinctId: 'alice',
  personProperties: { plan: 'pro', bad: Object.create(null) as unknown },
};

function ask(cohort: unknown, filter: Loose<object> = {}, others: object = {}): boolean | string {
  const properties = [{ type: 'cohort', key: 'id', value: 1, operator: 'in', ...filter }];
  const definitions = documentOf(
    [flagWith('f', { properties }), flagWith('on', {}), { ...flagWith('off', {}), active: false }],
    { cohorts: { 1: cohort, ...others } },
  );
  return answerOf(evaluate(definitions, 'f', context, compat));
}

const and = (...values: unknown[]) => ({ type: 'AND', values });
const or = (...values: unknown[]) => ({ type: 'OR', values });

describe('a cohort', () => {
  it.each([
    ['{} is everybody', {}, true],
    ['null is everybody', null, true],
    ['AND of nothing is everybody', and(), true],
    ['OR of nothing is nobody', or(), false],
    ['AND without values is everybody', { type: 'AND' }, true],
    ['OR without values is nobody', { type: 'OR', values: null }, false],
    ['of the old type "property" is an AND', { type: 'property', values: [yes, no] }, false],
    ['of another type needs the server', { type: 'XOR', values: [yes] }, 'unsupported_definition'],
    ['that is no object needs the server', 'all', 'unsupported_definition'],
    [
      'whose values are no array needs the server',
      { type: 'AND', values: 5 },
      'unsupported_definition',
    ],
    ['AND, all match', and(yes, yes), true],
    ['AND, one does not', and(yes, no), false],
    ['AND, a mismatch after an unknown decides', and(missing, no), false],
    ['AND, an unknown', and(yes, missing), 'missing_context'],
    ['AND, of two unknowns the stronger', and(missing, unsupported), 'unsupported_definition'],
    ['OR, one matches', or(no, yes), true],
    ['OR, none does', or(no, no), false],
    ['OR, a match after an unknown decides', or(missing, yes), true],
    ['OR, an unknown', or(no, missing), 'missing_context'],
    ['OR, the need for the server stops it', or(staticCohort, yes), 'unsupported_definition'],
    ['OR, what throws stops it', or(failing, yes), 'evaluation_error'],
    ['nested groups', and(or(no, yes), and(yes)), true],
    ['nested groups, one does not match', and(or(no, yes), and(no)), false],
    ['nested groups, everybody', and({ values: [], type: 'AND' }, null, {}), true],
    ['nested groups with an unknown', and(or(missing), and(yes)), 'missing_context'],
    ['a leaf among groups needs the server', and(and(yes), yes), 'unsupported_definition'],
    ['a group among leaves is a filter on nothing', or(no, or(yes)), 'unsupported_definition'],
  ])('%s', (_name, cohort, answer) => {
    expect(ask(cohort)).toBe(answer);
  });

  it('that the definitions do not hold is static, and needs the server', () => {
    expect(ask({}, { value: 99 })).toBe('unsupported_definition');
    expect(ask({}, { value: 'constructor' })).toBe('unsupported_definition');
    expect(ask({}, { value: { toString: 'x' } })).toBe('evaluation_error');
    const unreadable = { type: 'cohort', value: { toString: 'x' } };
    expect(ask(and({ type: 'cohort', value: 2 }, unreadable), {}, { 2: and(no) })).toBe(false);
  });

  it('is found by the text of its id', () => {
    expect(ask(or(yes), { value: '1' })).toBe(true);
  });

  it('needs the server when the document has no cohorts at all', () => {
    const definitions = documentOf([flagWith('f', { properties: [staticCohort] })]);
    expect(answerOf(evaluate(definitions, 'f', context))).toBe('unsupported_definition');
  });
});

describe('the negation of a leaf', () => {
  it.each([
    ['turns a match', and({ ...yes, negation: true }), false],
    ['turns a mismatch', and({ ...no, negation: true }), true],
    ['leaves an unknown', and({ ...missing, negation: true }), 'missing_context'],
    ['false changes nothing', and({ ...yes, negation: false }), true],
    ['in an OR', or({ ...no, negation: true }), true],
    ['of a cohort', and({ type: 'cohort', value: 2, negation: true }), false],
  ])('%s', (_name, cohort, answer) => {
    expect(ask(cohort, {}, { 2: and(yes) })).toBe(answer);
  });

  it('does not concern groups, nor the filters of conditions', () => {
    expect(ask(and({ ...and(yes), negation: true }))).toBe(true);
    expect(ask(and(yes), { negation: true })).toBe(true);
  });
});

describe('not_in', () => {
  it.each([
    ['who is in', and(yes), false],
    ['who is not', and(no), true],
    ['who may be', and(missing), 'missing_context'],
  ])('turns the answer: %s', (_name, cohort, answer) => {
    expect(ask(cohort, { operator: 'not_in' })).toBe(answer);
  });

  it('turns it at every level', () => {
    const inner = { type: 'cohort', value: 2, operator: 'not_in' };
    expect(ask(and(inner), {}, { 2: and(no) })).toBe(true);
    expect(ask(and(inner), { operator: 'not_in' }, { 2: and(no) })).toBe(false);
    expect(ask(and({ ...inner, negation: true }), {}, { 2: and(no) })).toBe(false);
  });

  it('is the only operator that does', () => {
    expect(ask(and(yes), { operator: 'exact' })).toBe(true);
    expect(ask(and(yes), { operator: undefined })).toBe(true);
  });
});

describe('a flag within a cohort', () => {
  it.each([
    ['on', true, true],
    ['on', false, false],
    ['off', false, true],
  ])('%s compared with %s', (key, value, answer) => {
    const leaf = { type: 'flag', key, value, dependency_chain: [key] };
    expect(ask(and(leaf))).toBe(answer);
  });
});

describe('cohorts that refer to each other', () => {
  const member = (value: number) => ({ type: 'cohort', value });

  it('in a circle need the server', () => {
    const cohorts = { 2: and(member(3)), 3: or(no, member(2)) };
    expect(ask(and(yes, member(2)), {}, cohorts)).toBe('unsupported_definition');
    expect(ask(and(member(1)), {})).toBe('unsupported_definition');
  });

  it('in a circle that only the deepest group closes need the server', () => {
    let nested: object = and(member(2));
    for (let level = 0; level < 100; level++) nested = and(nested);
    expect(ask(nested, {}, { 2: and(member(1)) })).toBe('unsupported_definition');
  });

  it('and share members are matched in a time that does not double with each', () => {
    const cohorts: Record<number, object> = { 2: and(yes) };
    for (let id = 3; id < 60; id++) cohorts[id] = or(no, and(), member(id - 1), member(id - 1));
    for (let id = 3; id < 60; id++) cohorts[id] = and(member(id - 1), member(id - 1));
    expect(ask(and(member(59)), {}, cohorts)).toBe(true);
  });

  it('deeper than any real one need the server', () => {
    const cohorts: Record<number, object> = { 1000: and(yes) };
    for (let id = 999; id > 1; id--) cohorts[id] = and(member(id + 1));
    expect(ask(and(member(950)), {}, cohorts)).toBe(true);
    expect(ask(and(member(2)), {}, cohorts)).toBe('unsupported_definition');
  });

  it('nested in groups deeper than any real one need the server', () => {
    let nested: object = and(yes);
    for (let level = 0; level < 100; level++) nested = and(nested);
    expect(ask(nested)).toBe(true);
    expect(ask(and(nested))).toBe('unsupported_definition');
    for (let level = 0; level < 5_000; level++) nested = and(nested);
    expect(ask(nested)).toBe('unsupported_definition');
  });
});
