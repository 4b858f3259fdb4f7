/** What was reported is told apart from everything else, and the memory of it stays bounded. */
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { ReportedExposures, markOf } from '../../../lib/core/exposure/reported-exposures.js';
import type { FlagValue } from '../../../lib/core/evaluation/flag-evaluation.js';

type Groups = Readonly<Record<string, string>>;
type Read = readonly [key: string, value: FlagValue | undefined, groups: Groups];

/** Texts that are made to be mistaken for the joints between texts. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '_', ':', '1', '=', '+', '?', 'true'), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const value = fc.oneof(fc.boolean(), fc.constant(undefined), text);
const groups = fc.dictionary(text, text, { maxKeys: 3 });
const read: fc.Arbitrary<Read> = fc.tuple(text, value, groups);

const canonical = ([key, of, groupsOf]: Read) =>
  JSON.stringify([
    key,
    typeof of,
    of ?? null,
    Object.entries(groupsOf).sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);

describe('a mark', () => {
  it('is the same for the same read, and for no other', () => {
    fc.assert(
      fc.property(read, read, (one, other) => {
        expect(markOf(...one) === markOf(...other)).toBe(canonical(one) === canonical(other));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['true and the variant "true"', ['a', true, {}], ['a', 'true', {}]],
    ['unresolved and the variant "undefined"', ['a', undefined, {}], ['a', 'undefined', {}]],
    ['a_b with c and a with b_c', ['a_b', 'c', {}], ['a', 'b_c', {}]],
    ['a group in the value', ['a', 'b', { c: 'd' }], ['a', 'b_[["c","d"]]', {}]],
  ] as [string, Read, Read][])('tells %s apart', (_what, one, other) => {
    expect(markOf(...one)).not.toBe(markOf(...other));
  });

  it('does not depend on the order of the groups', () => {
    expect(markOf('a', true, { b: '1', c: '2' })).toBe(markOf('a', true, { c: '2', b: '1' }));
  });
});

describe('what was reported', () => {
  it('is remembered by person and mark, however long they are, and by nothing else', () => {
    const long = fc.tuple(text, fc.constantFrom(0, 127, 128, 500)).map(([start, length]) => {
      return start.padEnd(length, 'x');
    });
    const pairs = fc.array(fc.tuple(long, long), { maxLength: 30 });
    fc.assert(
      fc.property(pairs, fc.tuple(long, long), (added, [person, mark]) => {
        const reported = new ReportedExposures();
        for (const [addedPerson, addedMark] of added) reported.add(addedPerson, addedMark);
        const isIn = added.some(([p, m]) => p === person && m === mark);
        expect(reported.has(person, mark)).toBe(isIn);
        expect(added.every(([p, m]) => reported.has(p, m))).toBe(true);
      }),
    );
  });

  it('tells long ids apart that differ in half a surrogate pair', () => {
    const reported = new ReportedExposures();
    reported.add(`${'x'.repeat(200)}\ud800`, 'a');
    expect(reported.has(`${'x'.repeat(200)}\ud801`, 'a')).toBe(false);
  });

  it('never grows beyond its limits, and keeps what was read last', () => {
    const limits = { persons: 4, marks: 3, marksInAll: 7 };
    const step = fc.tuple(fc.nat(9).map(String), fc.nat(9).map(String));
    // Long enough to run into every limit.
    const many = fc.array(step, { minLength: 40, maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(many, (steps) => {
        const reported = new ReportedExposures(limits);
        for (const [person, mark] of steps) {
          if (!reported.has(person, mark)) reported.add(person, mark);
          expect(reported.size).toBeLessThanOrEqual(limits.marksInAll);
          expect(reported.has(person, mark)).toBe(true);
        }
        const persons = [...Array(10).keys()].map(String);
        const marks = (person: string) => persons.filter((mark) => reported.has(person, mark));
        const remembered = persons.map(marks).filter(({ length }) => length > 0);
        expect(remembered.length).toBeLessThanOrEqual(limits.persons);
        expect(Math.max(0, ...remembered.map(({ length }) => length))).toBeLessThanOrEqual(3);
        expect(remembered.flat()).toHaveLength(reported.size);
      }),
    );
  });

  it('forgets the person who was seen longest ago, and a read counts as seen', () => {
    const reported = new ReportedExposures({ persons: 2, marks: 9, marksInAll: 99 });
    reported.add('ada', 'a');
    reported.add('bo', 'a');
    reported.has('ada', 'a');
    reported.add('cy', 'a');
    expect(['ada', 'bo', 'cy'].map((person) => reported.has(person, 'a'))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is forgotten as a whole when told to', () => {
    const reported = new ReportedExposures();
    reported.add('ada', 'a');
    reported.clear();
    expect([reported.has('ada', 'a'), reported.size]).toEqual([false, 0]);
  });
});
