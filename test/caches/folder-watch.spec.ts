/** Looks at a folder that overtake one another: the disk of a busy machine answers in any order. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { systemIo } from '../../lib/caches/file/file-io.js';
import { headName } from '../../lib/caches/file/file-names.js';
import { FolderWatch } from '../../lib/caches/file/folder-watch.js';
import { ManualClock } from '../../lib/testing.js';
import { eventually } from '../setup/free-port.mjs';

let path: string;
let watch: FolderWatch;
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'flags-watch-'));
});
afterEach(() => {
  watch.close();
  rmSync(path, { recursive: true, force: true });
});

/** With the first look on its way. */
async function watched() {
  const clock = new ManualClock();
  const answers: { readonly is: (revision: number) => void; readonly fails: () => void }[] = [];
  const revision = () =>
    new Promise<number>((resolve, reject) => {
      answers.push({ is: resolve, fails: () => reject(new Error('The disk does not answer.')) });
    });
  watch = new FolderWatch({ path, io: systemIo, clock, revision });
  const seen = { hints: 0 };
  watch.subscribe(() => (seen.hints += 1));
  expect(await eventually(() => answers.length === 1)).toBe(true);
  const lookAgain = async (): Promise<void> => {
    const before = answers.length;
    writeFileSync(join(path, headName('0123456789abcdef', before)), '');
    expect(await eventually(() => clock.timers === 1)).toBe(true);
    await clock.advance(10);
    expect(answers).toHaveLength(before + 1);
  };
  return { answers, seen, lookAgain };
}

it('a look that ends after a later one gives no hint, and does not make the later one forgotten', async () => {
  const { answers, seen, lookAgain } = await watched();
  await lookAgain();
  answers[1]?.is(2);
  expect(await eventually(() => seen.hints === 1)).toBe(true);
  answers[0]?.is(1);
  // Its own look follows when the first has ended.
  expect(await eventually(() => answers.length === 3)).toBe(true);
  answers[2]?.is(2);
  await lookAgain();
  answers[3]?.is(3);

  expect(await eventually(() => seen.hints > 1)).toBe(true);
  expect(seen.hints).toBe(2);
});

it('a look that ends after a later one that failed gives its hint', async () => {
  const { answers, seen, lookAgain } = await watched();
  await lookAgain();
  answers[1]?.fails();
  answers[0]?.is(1);
  expect(await eventually(() => seen.hints === 1)).toBe(true);
});
