/**
 * The smoke run of `npm run bench:stores`, so that the bench does not rot: every store on a real
 * server. What is fast or slow is not a test's matter.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const LIMIT_MS = 300_000;
const stores = ['memory of one instance', 'memory shared by threads', 'Redis', 'PostgreSQL', 'folder', 'DynamoDB (dynalite, not AWS)']; // prettier-ignore

it(
  'the bench of stores has a figure for everything that an instance does in each of them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
    const json = join(folder, 'stores.json');
    try {
      const args = ['bench/stores/main.mjs', '--smoke', '--json', json];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: LIMIT_MS });
      const { figures } = JSON.parse(readFileSync(json, 'utf8')) as { readonly figures: object };
      const figure = expect.arrayContaining([expect.any(Number)]);
      const all = { check: figure, read: figure, publication: figure };
      expect(figures).toEqual(Object.fromEntries(stores.map((store) => [store, all])));
      for (const store of stores) expect(stdout).toContain(`| ${store}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  LIMIT_MS,
);
