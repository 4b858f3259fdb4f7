/** The page on failure modes names tests; this looks that they exist. That they pass is theirs. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');
const page = read('docs/failure-modes.md');

interface Row {
  readonly code: string;
  readonly cells: readonly string[];
}

const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const [, code, ...cells] = line.split('|').map((cell) => cell.trim());
  return /^F\d\d$/.test(code ?? '') ? [{ code: code ?? '', cells: cells.slice(0, -1) }] : [];
});

const cited = rows.flatMap(({ code, cells }) =>
  [...(cells[2] ?? '').matchAll(/`(test\/[^`]+)` “([^”]+)”/g)].map(([, file = '', name = '']) => ({
    code,
    file,
    name,
  })),
);

/** Whether a text in the file begins with this name: as the title of a test, or of its case. */
function isNamedIn(file: string, name: string): boolean {
  const text = read(file);
  return [`'`, '"', '`'].some((quote) => text.includes(`${quote}${name}`));
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, n) => `F${String(from + n).padStart(2, '0')}`);

describe('docs/failure-modes.md', () => {
  it('has one row for each failure, in their order', () => {
    expect(rows.map(({ code }) => code)).toEqual(numbers(1, 70));
  });

  it('says of each what goes wrong, what happens, and by which test it is shown', () => {
    const bare = rows.filter(({ code, cells }) => {
      const isShown = cited.some((citation) => citation.code === code);
      return cells.length !== 3 || cells.includes('') || !isShown;
    });
    expect(bare).toEqual([]);
    expect(cited.length).toBeGreaterThanOrEqual(100);
  });

  it('names only tests that exist', () => {
    const missing = cited.filter(({ file, name }) => {
      return !existsSync(fileURLToPath(new URL(file, root))) || !isNamedIn(file, name);
    });
    expect(missing).toEqual([]);
  });

  it('names a test by a number of its own row, where the name has one', () => {
    const strangers = cited.filter(({ code, name }) => {
      const number = /^F\d\d/.exec(name)?.[0];
      return number !== undefined && number !== code;
    });
    expect(strangers).toEqual([]);
  });
});

describe('the check above', () => {
  it('sees a name that is not there', () => {
    const file = 'test/log/flags.log.spec.ts';
    expect(isNamedIn(file, 'a logger that throws breaks nothing')).toBe(true);
    expect(isNamedIn(file, 'logger that throws breaks nothing')).toBe(false);
  });
});
