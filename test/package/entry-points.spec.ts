/**
 * What each door loads. Each is loaded from the packed package in a new process whose
 * node_modules holds only what that door may need: who imports one function must not have to
 * install Nest.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { doors, manifest } from './doors.js';
import { packInto, root, unpackInto } from './pack.mjs';

const run = promisify(execFile);

/** The packages that each door imports, itself or through a file of ours; exactly these. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  '.': ['@nestjs/common', '@nestjs/core', '@nestjs/schedule', 're2js', 'rxjs'],
  './evaluation': ['re2js'],
  './testing': [],
  './caches': [],
  './caches/redis': [],
  './caches/postgres': [],
  './caches/shared-memory': [],
  './caches/dynamodb': [],
  './caches/file': [],
  './caches/posthog-node': [],
};

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'flags-doors-')));
let tarball: string;
beforeAll(async () => {
  ({ tarball } = await packInto(folder));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(doors)('the door $name', ({ name, specifier, conditions }) => {
  const packages = packagesOf[name] ?? [];
  let consumer: string;
  beforeAll(async () => {
    consumer = await consumerWith(packages, name);
  });

  it('imports these packages and no other', async () => {
    expect(await importedPackages(consumer, specifier)).toEqual(packages.toSorted());
  });

  it('loads by import and by require, as one copy', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import * as imported from '${specifier}';
      const required = createRequire(import.meta.url)('${specifier}');
      const names = Object.keys(imported).filter((name) => imported[name] !== required[name]);
      console.log(JSON.stringify({ count: Object.keys(imported).length, differ: names }));
    `;
    const { count, differ } = (await runModule(consumer, script)) as Copies;
    expect(count).toBeGreaterThan(0);
    expect(differ).toEqual([]);
  });

  it('loads from its CommonJS files, for tools that cannot require an ES module', async () => {
    const file = join('node_modules', manifest.name, conditions['require']?.default ?? '');
    const script = `console.log(JSON.stringify(Object.keys(require('./' + ${JSON.stringify(file)})).length))`;
    const { stdout } = await run(process.execPath, ['-e', script], { cwd: consumer });
    expect(JSON.parse(stdout)).toBeGreaterThan(0);
  });
});

const needs = Object.entries(packagesOf).flatMap(([door, packages]) =>
  packages.map((missing) => ({ door, missing, others: packages.filter((p) => p !== missing) })),
);

it.each(needs)('the door $door does not load without $missing', async (need) => {
  const { door, missing, others } = need;
  const poorer = await consumerWith(others, `${door}-without-${missing}`);
  const loading = runModule(poorer, `import '${manifest.name}${door.slice(1)}';`);
  await expect(loading).rejects.toThrow(`Cannot find package '${missing}'`);
});

interface Copies {
  readonly count: number;
  readonly differ: readonly string[];
}

/** A folder with the packed package and links to these packages of ours. */
async function consumerWith(packages: readonly string[], name: string): Promise<string> {
  const consumer = join(folder, name.replaceAll(/[^a-z0-9]+/g, '-'));
  mkdirSync(consumer);
  await unpackInto(tarball, consumer);
  for (const wanted of packages) {
    const link = join(consumer, 'node_modules', wanted);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', wanted), link, 'dir');
  }
  return consumer;
}

/** The packages that files of ours ask for while the door loads, as a hook of Node sees them. */
async function importedPackages(consumer: string, specifier: string): Promise<string[]> {
  const hook = `
    import { writeSync } from 'node:fs';
    export async function resolve(specifier, context, next) {
      const ours = context.parentURL?.includes('/node_modules/${manifest.name}/');
      const isPackage = !/^(\\.|node:|file:)/.test(specifier);
      if (ours && isPackage) writeSync(1, JSON.stringify(specifier) + '\\n');
      return next(specifier, context);
    }
  `;
  const script = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}));
    await import('${specifier}');
  `;
  writeFileSync(join(consumer, 'hooked.mjs'), script);
  const { stdout } = await run(process.execPath, ['hooked.mjs'], { cwd: consumer });
  const seen = stdout.trim().split('\n').filter(Boolean);
  return [...new Set(seen.map((line) => JSON.parse(line) as string))].sort();
}

/** Runs a module in the consumer's folder; gives what it printed as JSON. */
async function runModule(consumer: string, script: string): Promise<unknown> {
  writeFileSync(join(consumer, 'script.mjs'), script);
  const { stdout } = await run(process.execPath, ['script.mjs'], { cwd: consumer });
  return stdout === '' ? undefined : JSON.parse(stdout);
}
