import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findJsonError } from '../../lib/sources/json-error.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('the place of a mistake in JSON', () => {
  it.each<[string, string, number, number, string]>([
    ['a comma that comes last', '{\n  "a": 1,\n}', 3, 1, 'a name in double quotes (a comma must'],
    ['a comma that comes last in a list', '[1,\n 2,]', 2, 4, 'expected a value, found "]"'],
    ['a comma that is missing', '{"a": 1\n "b": 2}', 2, 2, 'expected "," or "}", found "\\""'],
    ['a comma that is missing in a list', '[1 2]', 1, 4, 'expected "," or "]", found "2"'],
    ['a comment', '{\n  // why\n  "a": 1}', 2, 3, 'expected a name in double quotes or "}"'],
    ['a name without quotes', '{a: 1}', 1, 2, 'expected a name in double quotes or "}", found "a"'],
    ['single quotes', "{'a': 1}", 1, 2, `found "'"`],
    ['a colon that is missing', '{"a" 1}', 1, 6, 'expected ":", found "1"'],
    ['a value that is missing', '{"a": }', 1, 7, 'expected a value, found "}"'],
    ['a word that is no value', '{"a": yes}', 1, 7, 'expected a value, found "y"'],
    ['a number with a leading zero', '[01]', 1, 3, 'expected "," or "]", found "1"'],
    ['a text that is not closed', '{"a": "b\n}', 1, 7, 'text that is not closed'],
    ['a text with a wrong escape', '["a\\x"]', 1, 2, 'text that is not closed, or holds'],
    ['the wrong bracket', '{"a": [1}', 1, 9, 'expected "," or "]", found "}"'],
    ['a list that begins with a comma', '[,1]', 1, 2, 'expected a value or "]", found ","'],
    ['a file that was cut', '{"flags": [\n{"key": "a"', 2, 12, 'found the end of the file'],
    ['two documents', '{}\n{}', 2, 1, 'expected the end of the file, found "{"'],
    ['nothing but blanks', ' \n ', 2, 2, 'expected a value, found the end of the file'],
    ['a web page', '<html>', 1, 1, 'expected a value, found "<"'],
    ['lines that end as on Windows', '{\r\n"a": 1,\r\n}', 3, 1, 'found "}"'],
  ])('is found: %s', (_name, text, line, column, problem) => {
    expect(isJson(text)).toBe(false);
    expect(findJsonError(text)).toEqual({
      line,
      column,
      problem: expect.stringContaining(problem),
    });
  });

  it('is none in JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
        expect(findJsonError(JSON.stringify(value, null, indent))).toBeUndefined();
      }),
    );
  });

  it('is one exactly when JSON.parse finds one, whatever was done to the text', () => {
    const damage = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.constantFrom(
        '',
        ',',
        '"',
        '}',
        ']',
        '{',
        '[',
        ':',
        '\\',
        '0',
        '-',
        'x',
        '\n',
        '.',
      ),
    });
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(damage, { maxLength: 3 }), (value, damages) => {
        let text = JSON.stringify(value);
        for (const { at, remove, insert } of damages) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + insert + text.slice(place + remove);
        }
        expect(findJsonError(text) === undefined).toBe(isJson(text));
      }),
      { numRuns: 1_000 },
    );
  });

  it('agrees with JSON.parse on the place, where that names one', () => {
    const text = '{"a": [1, 2, {"b": true "c": 1}]}';
    const named = /position (\d+)/.exec(messageOf(() => JSON.parse(text)))?.[1];
    expect(findJsonError(text)?.column).toBe(Number(named) + 1);
  });

  it('is found however deep and however long the text is', () => {
    expect(findJsonError('['.repeat(200_000))?.column).toBe(200_001);
    expect(findJsonError(`["${'\\n'.repeat(500_000)}" x`)?.column).toBe(1_000_005);
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return '';
}
