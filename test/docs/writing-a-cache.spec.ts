/**
 * The page on writing a cache says what is so: its examples are taken from it, compiled with all
 * checks, and certified by the suites under node:test; and a mistake in one of them is seen.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const page = readFileSync('docs/writing-a-cache.md', 'utf8');

/** The blocks of the page by the file that each says it is. */
const files = [...page.matchAll(/^```ts\n(\/\/ (\S+\.ts)\n[\s\S]*?)^```/gm)].map(
  ([, text = '', name = '']) => ({ name, text }),
);

const parent = resolve('node_modules/.cache/writing-a-cache');
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function compile(): Promise<string> {
  const options = '--ignoreConfig --strict --skipLibCheck --noUncheckedIndexedAccess --types node';
  const target = '--target es2022 --module nodenext --outDir built';
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const names = files.map(({ name }) => name);
  const args = [tsc, ...`${options} ${target}`.split(' '), ...names];
  return run(process.execPath, args, { cwd: folder }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
}

/** The names of the tests by whether they passed. */
async function certify(spec: string) {
  // The runner of this test must not be taken for a parent.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap', join(folder, 'built', spec)];
  const { stdout } = await run(process.execPath, args, { env }).catch(
    (error: { stdout: string }) => error,
  );
  const named = (pattern: RegExp) => [...stdout.matchAll(pattern)].map(([, name]) => name);
  return { passed: named(/^ +ok \d+ - (.*)$/gm), failed: named(/^ {8}not ok \d+ - (.*)$/gm) };
}

beforeAll(async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  expect(await compile()).toBe('');
});

describe('docs/writing-a-cache.md', () => {
  it('has an example of each, with its test', () => {
    expect(files.map(({ name }) => name)).toEqual([
      'key-value-provider.ts',
      'key-value-provider.spec.ts',
      'document-record-store.ts',
      'document-record-store.spec.ts',
    ]);
  });

  it.each([
    ['provider', 'key-value-provider.spec.js', 15],
    ['record store', 'document-record-store.spec.js', 25],
  ])('shows a %s that is certified', async (_what, spec, cases) => {
    const { passed, failed } = await certify(spec);
    expect(failed).toEqual([]);
    expect(passed.length).toBeGreaterThanOrEqual(cases);
  });

  it.each([
    [
      'a lock that anybody gives up',
      'key-value-provider.spec.js',
      'if (locks.get(key)?.owner === owner)',
      'if (true)',
      /^F01/,
    ],
    [
      'a body that is not written',
      'document-record-store.js',
      'await this.bodies.write(',
      'void (',
      /gives head and body/,
    ],
    [
      'a revision that is not higher',
      'document-record-store.js',
      'before.value.revision >= revision',
      'false',
      /is refused under/,
    ],
  ])('would show a mistake: %s', async (_what, file, right, wrong, caught) => {
    const path = join(folder, 'built', file);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain(right);
    writeFileSync(path, text.replace(right, wrong));
    const { failed } = await certify(file.replace(/(\.spec)?\.js$/, '.spec.js'));
    writeFileSync(path, text);
    expect(failed).toContainEqual(expect.stringMatching(caught));
  });
});

describe('the table of what may be lacking', () => {
  it('has every name that a case of a suite needs, and no other', () => {
    const contract = resolve('lib/testing/contract');
    const sources = readdirSync(contract).map((name) => readFileSync(join(contract, name), 'utf8'));
    const lists = sources.flatMap((text) => [...text.matchAll(/\bneeds(?:: | = )\[([^\]]*)\]/g)]);
    const needed = lists.flatMap(([, list = '']) => list.match(/\w+(?=')/g) ?? []);
    const told = [...page.matchAll(/^\| `(\w+)` +\| (?:hook|promise) /gm)].map(([, name]) => name);
    expect(told).toHaveLength(new Set(told).size);
    expect(new Set(told)).toEqual(new Set(needed));
  });
});
