/**
 * Projects with `module: commonjs` and TypeScript's classic way to find packages (`node10`), which
 * reads no exports map: many Nest apps are such. They find the types of each door all the same,
 * of the CommonJS files that they run, so that no class is there twice.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { doors, manifest } from './doors.js';
import { packInto, root, unpackInto } from './pack.mjs';

const run = promisify(execFile);
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
/** What the declarations themselves import. */
const packages = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/schedule',
  '@types/node',
  're2js',
  'rxjs',
];
const compilerOptions = {
  module: 'commonjs',
  moduleResolution: 'node10',
  ignoreDeprecations: '6.0',
  target: 'ES2023',
  types: ['node'],
  strict: true,
  noEmit: true,
};

const consumer = realpathSync(mkdtempSync(join(tmpdir(), 'flags-classic-')));
beforeAll(async () => {
  const { tarball } = await packInto(consumer);
  await unpackInto(tarball, consumer);
  for (const wanted of packages) {
    const link = join(consumer, 'node_modules', wanted);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', wanted), link, 'dir');
  }
});
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

it('finds the types of each door, and of the CommonJS files only', async () => {
  const imports = doors.map(({ specifier }, at) => `import * as door${at} from '${specifier}';`);
  const uses = doors.map((_, at) => `export const names${at} = Object.keys(door${at});`);
  writeFileSync(join(consumer, 'app.ts'), [...imports, ...uses].join('\n'));
  const files = (await compile()).filter((file) => file.startsWith('dist/'));
  const expected = doors.map(({ conditions }) => conditions['require']?.types.slice(2));
  expect(files).toEqual(expect.arrayContaining(expected));
  expect(files.filter((file) => !file.startsWith('dist/cjs/'))).toEqual([]);
});

it('still tells an import that no door leads to', async () => {
  writeFileSync(join(consumer, 'app.ts'), `import '${manifest.name}/nowhere';`);
  await expect(compile()).rejects.toThrow('TS2882');
});

/** Compiles the app; gives the files of the package that the compiler has read. */
async function compile(): Promise<readonly string[]> {
  const config = { compilerOptions, files: ['app.ts'] };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify(config));
  const { stdout } = await run(process.execPath, [tsc, '-p', consumer, '--listFiles'], {
    cwd: consumer,
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: { stdout: string }) => {
    throw new Error(`tsc says:\n${error.stdout.replaceAll(/^\/.*\n/gm, '')}`);
  });
  const installed = join(consumer, 'node_modules', manifest.name);
  return stdout.split('\n').map((file) => relative(installed, file.trim()));
}
