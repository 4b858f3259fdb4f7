/**
 * The smoke run of `npm run bench`, so that it does not rot: all workloads, with the two systems
 * that are installed anyway. It ends with an error when an answer is not the expected one, or when
 * the two disagree; what is fast or slow is not a test's matter.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const LIMIT_MS = 300_000;

interface Row {
  readonly workload: string;
  readonly times: Readonly<Record<string, readonly number[]>>;
}

describe('the bench of evaluation', () => {
  let folder: string;
  let table: string;
  let rows: readonly Row[];

  beforeAll(async () => {
    if (!existsSync('dist/esm/index.js') || !existsSync('node_modules/nestjs-feature-flags')) {
      throw new Error('The bench runs on the built library: run `npm run build` first.');
    }
    folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
    const json = join(folder, 'evaluation.json');
    const args = ['--no-warnings', 'bench/evaluation/main.mjs', '--smoke', '--json', json];
    ({ stdout: table } = await run(process.execPath, args, { timeout: LIMIT_MS }));
    rows = (JSON.parse(readFileSync(json, 'utf8')) as { times: Row[] }).times;
  }, LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has a figure of both systems for every workload', () => {
    expect(rows).toHaveLength(11);
    for (const { workload, times } of rows) {
      expect(table).toContain(`| ${workload}`);
      expect(Object.keys(times)).toEqual(['nestjs-feature-flags', 'posthog-node']);
      for (const [time] of Object.values(times)) expect(time).toBeGreaterThanOrEqual(0);
    }
  });
});
