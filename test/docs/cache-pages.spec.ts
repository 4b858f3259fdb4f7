/**
 * The pages of the caches are of one kind: how to install it, a use of six lines, what it promises,
 * what it does not, what happens when something fails. The types of their examples are right.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const names = ['redis', 'postgres', 'dynamodb', 'file', 'shared-memory', 'cache-manager'] as const;
const pages = names.map((name) => ({
  name,
  text: readFileSync(`docs/caches/${name}.md`, 'utf8'),
}));

/** Fenced blocks of a language. */
const blocksOf = (text: string, language: string): readonly string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(
    ([, block = '']) => block,
  );

/** From the first heading that is so to the next. */
function section(text: string, heading: RegExp): string | undefined {
  const sections = text.split(/^(?=## )/m);
  return sections.find((one) => heading.test(one.split('\n')[0] ?? ''));
}

const hasTable = (text: string | undefined): boolean => /^\| -+ \|/m.test(text ?? '');

describe.each(pages)('docs/caches/$name.md', ({ text }) => {
  it('says how to install it, or that nothing is to be installed', () => {
    const install = section(text, /^## Install/) ?? '';
    expect(install).toMatch(/npm install|Nothing/);
  });

  it('begins with a use of six lines at the most', () => {
    const lines = (blocksOf(text, 'ts')[0] ?? '').split('\n');
    const counted = lines.filter((line) => line.trim() !== '' && !line.trim().startsWith('//'));
    expect(counted.length).toBeGreaterThan(0);
    expect(counted.length).toBeLessThanOrEqual(6);
  });

  it('has a table of what is promised, limits, and a table of what happens when it fails', () => {
    expect(hasTable(section(text, /^## What it promises$/))).toBe(true);
    expect(section(text, /^## (Limits|What it does not promise)$/)).toBeDefined();
    expect(hasTable(section(text, /^## (When .*(fails|trouble)|The night .* dies)$/))).toBe(true);
  });
});

/** What the examples leave out, since it is said elsewhere. */
const leftOut: readonly (readonly [name: string, declaration: string])[] = [
  ['FeatureFlagsModule', "import { FeatureFlagsModule } from 'nestjs-feature-flags';"],
  ['PostHogDefinitionSource', "import { PostHogDefinitionSource } from 'nestjs-feature-flags';"],
  ['postgresCache', "import { postgresCache } from 'nestjs-feature-flags/caches/postgres';"],
  ['Pool', "import { Pool } from 'pg';"],
  ['CACHE_MANAGER', "import { CACHE_MANAGER } from '@nestjs/cache-manager';"],
  ['Cache', "import type { Cache } from 'cache-manager';"],
  ['Worker', "import { Worker } from 'node:worker_threads';"],
  ['workerData', "import { workerData } from 'node:worker_threads';"],
  ['source', "declare const source: import('nestjs-feature-flags').DefinitionSource;"],
  ['projectApiKey', 'declare const projectApiKey: string;'],
  ['secretKey', 'declare const secretKey: string;'],
  ['started', "declare const started: Promise<import('nestjs-feature-flags').FlagsService>;"],
];

/** An example as a module of its own. */
function moduleOf(block: string): string {
  const code = block.replaceAll(/^\s*\/\/.*$/gm, '');
  const isNamed = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(code);
  const isGiven = (name: string): boolean =>
    new RegExp(`import [^;]*\\b${name}\\b[^;]*from|const ${name}\\b`).test(code);
  const needed = leftOut.filter(([name]) => isNamed(name) && !isGiven(name));
  const typed = block.replace('async (event)', 'async (event: { user: string })');
  return [...needed.map(([, line]) => line), typed, 'export {};'].join('\n');
}

/** Not ours, and loaded for a page alone. */
const isOfAws = (block: string): boolean => block.includes('new TableV2(');

const FLAGS =
  '--ignoreConfig --noEmit --strict --skipLibCheck --experimentalDecorators --emitDecoratorMetadata --target es2022 --module nodenext --types node';

describe('the examples of the pages', () => {
  it('have right types', async () => {
    const folder = resolve('node_modules/.cache/cache-pages');
    mkdirSync(folder, { recursive: true });
    const work = mkdtempSync(join(folder, 'examples-'));
    writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
    const files = pages.flatMap(({ name, text }) =>
      blocksOf(text, 'ts')
        .filter((block) => !isOfAws(block))
        .map((block, i) => {
          writeFileSync(join(work, `${name}-${i}.ts`), moduleOf(block));
          return `${name}-${i}.ts`;
        }),
    );
    expect(files.length).toBeGreaterThanOrEqual(names.length + 3);
    const tsc = resolve('node_modules/typescript/bin/tsc');
    const complaints = await run(process.execPath, [tsc, ...FLAGS.split(' '), ...files], {
      cwd: work,
    }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    rmSync(work, { recursive: true, force: true });
    expect(complaints).toBe('');
  });
});
