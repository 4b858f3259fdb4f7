/**
 * Users' apps, built and run against the packed package: Nest 11 with TypeScript 5.9 and Nest 12
 * with TypeScript 6, as ES module and as CommonJS, on Express and on Fastify. Their dependencies
 * are installed as locked in `fixtures/`, outside of this repository, so that nothing of ours
 * stands in for a dependency that the package forgot to declare.
 */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { npm, packInto, root, unpackInto } from './pack.mjs';

const run = promisify(execFile);
const fixtures = join(root, 'test', 'package', 'fixtures');
const names = ['nest-11', 'nest-12'] as const;
const place = mkdtempSync(join(tmpdir(), 'flags-consumers-'));
const folderOf = (name: string): string => join(place, name);

// Installing waits for others, so both do it at once.
beforeAll(async () => {
  const { tarball } = await packInto(place);
  await Promise.all(names.map((name) => prepare(name, tarball)));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe.each(names)('a consumer on %s', (name) => {
  const consumer = folderOf(name);

  it.each([
    ['app.mjs', 'express'],
    ['app.cjs', 'express'],
    ['app.mjs', 'fastify'],
    ['app.cjs', 'fastify'],
  ])('serves and refuses: %s on %s', async (file, adapter) => {
    const script = join('built', file);
    const { stdout, stderr } = await run(process.execPath, [script, adapter], { cwd: consumer });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      served: { status: 200, body: { variant: 'blue' } },
      refused: { status: 404, body: expect.objectContaining({ statusCode: 404 }) },
      checkout: { status: 200, body: { checkout: 'new' } },
      fallback: { status: 200, body: { checkout: 'old', email: 'bob@example.com' } },
      greeted: { status: 200, body: { greeting: 'hello, tester' } },
      withoutNest: 'blue',
    });
  });

  it('holds one copy of each class, whether imported or required', async () => {
    const { stdout } = await run(process.execPath, [join('built', 'one-copy.mjs')], {
      cwd: consumer,
    });
    const { count, twice } = JSON.parse(stdout) as { count: number; twice: string[] };
    expect(count).toBeGreaterThan(5);
    expect(twice).toEqual([]);
  });
});

async function prepare(name: string, tarball: string): Promise<void> {
  const consumer = folderOf(name);
  mkdirSync(consumer);
  for (const file of ['package.json', 'package-lock.json']) {
    copyFileSync(join(fixtures, name, file), join(consumer, file));
  }
  await npm(['ci', '--prefer-offline', '--no-audit', '--no-fund'], consumer);
  await unpackInto(tarball, consumer);
  for (const file of ['tsconfig.json', 'one-copy.mts']) {
    copyFileSync(join(fixtures, 'app', file), join(consumer, file));
  }
  for (const file of ['app.mts', 'app.cts']) {
    copyFileSync(join(fixtures, 'app', 'app.ts'), join(consumer, file));
  }
  await compile(consumer);
}

/** Compiles the app with the consumer's own TypeScript; fails with what the compiler says. */
async function compile(consumer: string): Promise<void> {
  const tsc = join(consumer, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(process.execPath, [tsc, '-p', consumer], { cwd: consumer }).catch(
    (error: { stdout: string }) => {
      throw new Error(`tsc says:\n${error.stdout}`);
    },
  );
}
