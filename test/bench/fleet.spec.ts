/**
 * The smoke run of `npm run bench:fleet`, so that the bench does not rot: small real fleets in
 * processes of their own. Only counts are looked at; what is fast or slow is not a test's matter.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const run = promisify(execFile);
const LIMIT_MS = 300_000;
const systems = ['ours', 'example', 'leader', 'none'] as const;

interface Line {
  readonly measure: string;
  readonly cells: Partial<Record<(typeof systems)[number], { readonly median: number }>>;
}

describe('the bench of fleets', () => {
  let folder: string;
  let table: string;
  let lines: readonly Line[];

  beforeAll(async () => {
    if (!existsSync('dist/esm/index.js') || !existsSync('node_modules/nestjs-feature-flags')) {
      throw new Error('The bench runs on the built library: run `npm run build` first.');
    }
    folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
    const json = join(folder, 'fleet.json');
    const args = ['bench/fleet/main.mjs', '--smoke', '--json', json];
    ({ stdout: table } = await run(process.execPath, args, { timeout: LIMIT_MS }));
    lines = (JSON.parse(readFileSync(json, 'utf8')) as { lines: Line[] }).lines;
  }, LIMIT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function figureOf(measure: string, system: (typeof systems)[number]): number {
    const line = lines.find((each) => each.measure === measure);
    return line?.cells[system]?.median ?? Number.NaN;
  }

  it('sees five instances of ours start on an empty cache with one fetch', () => {
    const measure = 'cold start of 5 on an empty cache: fetches';
    expect(figureOf(measure, 'ours')).toBe(1);
    expect(figureOf(measure, 'none')).toBeGreaterThanOrEqual(5);
  });

  it('sees ours fetch less often than instances that share nothing', () => {
    for (const state of ['flags unchanged', 'flags changing', 'Redis away']) {
      const measure = `fetches per interval, 10 instances, ${state}`;
      expect(figureOf(measure, 'ours')).toBeLessThan(figureOf(measure, 'none'));
    }
  });

  it('sees an unchanged check read at most 200 bytes', () => {
    const bytes = figureOf('bytes read from Redis per unchanged check', 'ours');
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(200);
  });

  it('has a figure of every system in the table', () => {
    const compared = lines.filter(({ measure }) => measure.startsWith('fetches per interval'));
    for (const { measure } of compared) {
      for (const system of systems) expect(figureOf(measure, system)).toBeGreaterThanOrEqual(0);
      expect(table).toContain(`| ${measure}`);
    }
    expect(compared).toHaveLength(3);
  });
});
