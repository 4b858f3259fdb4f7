/**
 * The head as files: who was quicker is decided in one step, also for who stood still between any
 * two of them; what is damaged is read as the generation before.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { systemIo, type FileIo } from '../../lib/caches/file/file-io.js';
import { FileRegister } from '../../lib/caches/file/file-register.js';
import { FolderFiles } from '../../lib/caches/file/folder-files.js';
import type { RegisterValue } from '../../lib/core/register/register.js';
import { emptyRegisterValue } from '../../lib/core/register/register-value.js';
import { CacheFolderInTest } from '../support/file-records.js';

let place: CacheFolderInTest;
beforeEach(() => {
  place = new CacheFolderInTest();
});
afterEach(() => place.remove());

/** As another process has it. */
function register(io: Partial<FileIo> = {}): FileRegister {
  const ensure = async (): Promise<void> => {
    mkdirSync(place.inner, { recursive: true });
  };
  return new FileRegister(
    new FolderFiles({
      path: place.inner,
      ready: async () => undefined,
      ensure,
      io: { ...systemIo, ...io },
    }),
  );
}

function valueOf(token: number): RegisterValue {
  return { ...emptyRegisterValue, state: { ...emptyRegisterValue.state, token } };
}

async function tokenIn(one: FileRegister): Promise<number | undefined> {
  return (await one.read())?.value.state.token;
}

/** Replaces what is there. */
async function write(one: FileRegister, token: number): Promise<boolean> {
  return one.replace((await one.read())?.version, valueOf(token));
}

/** A register whose next head waits before or after it gets its name, until it is let go. */
function stopped(when: 'before' | 'after') {
  let arrive: () => void;
  let go: () => void;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const gone = new Promise<void>((resolve) => (go = resolve));
  const link: FileIo['link'] = async (from, to) => {
    if (!String(to).includes('head-')) return systemIo.link(from, to);
    if (when === 'after') await systemIo.link(from, to);
    arrive();
    await gone;
    if (when === 'before') await systemIo.link(from, to);
  };
  return { register: register({ link }), arrived, letGo: () => go() };
}

describe('the register in a folder', () => {
  it('replaces what was read, and nothing else, whoever asks in whatever order', async () => {
    const step = fc.record({
      as: fc.constantFrom(0, 1, 2),
      expecting: fc.constantFrom('current', 'current', 'earlier', 'nothing' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        rmSync(place.inner, { recursive: true, force: true });
        const processes = [register(), register(), register()];
        const versions: (string | undefined)[] = [undefined];
        let token = 0;
        for (const [index, { as, expecting }] of steps.entries()) {
          const current = versions.at(-1);
          const earlier = versions[Math.floor((versions.length - 1) / 2)];
          const expected = { current, earlier, nothing: undefined }[expecting];
          const isReplaced = await processes[as]!.replace(expected, valueOf(index + 1));
          expect(isReplaced).toBe(expected === current);
          if (isReplaced) token = index + 1;
          const entry = await processes[(as + 1) % 3]!.read();
          expect(entry?.value.state.token ?? 0).toBe(token);
          if (isReplaced) versions.push(entry?.version);
          expect(new Set(versions).size).toBe(versions.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is written by one of many who have read the same, also where nothing lies yet', async () => {
    const many = Array.from({ length: 12 }, () => register());
    for (let round = 1; round <= 5; round += 1) {
      const version = (await many[0]!.read())?.version;
      const replies = await Promise.all(many.map((one, n) => one.replace(version, valueOf(n + 1))));
      expect(replies.filter(Boolean)).toHaveLength(1);
      expect(await tokenIn(many[1]!)).toBe(replies.indexOf(true) + 1);
    }
  });

  it('refuses who stood still while another was quicker', async () => {
    await write(register(), 1);
    const late = stopped('before');
    const writing = write(late.register, 99);
    await late.arrived;
    await write(register(), 2);
    late.letGo();
    expect(await writing).toBe(false);
    expect(await tokenIn(register())).toBe(2);
  });

  it('refuses who stood still until its generation was long over, and shows nothing of it meanwhile', async () => {
    await write(register(), 1);
    const late = stopped('before');
    const writing = write(late.register, 99);
    await late.arrived;
    for (let token = 2; token <= 8; token += 1) await write(register(), token);
    late.letGo();
    expect(await writing).toBe(false);
    expect(await tokenIn(register())).toBe(8);
    expect(place.heads()).toHaveLength(3);
  });

  it('refuses who stood still while the folder was removed and made anew', async () => {
    for (let token = 1; token <= 5; token += 1) await write(register(), token);
    const late = stopped('before');
    const writing = write(late.register, 99);
    await late.arrived;
    rmSync(place.inner, { recursive: true });
    await write(register(), 1);
    late.letGo();
    // It makes its file again, for a history that nobody reads any more.
    expect(await writing).toBe(false);
    expect(await tokenIn(register())).toBe(1);
  });

  it('tells who wrote that it did, though it has been overtaken since', async () => {
    await write(register(), 1);
    const late = stopped('after');
    const writing = write(late.register, 2);
    await late.arrived;
    for (let token = 3; token <= 9; token += 1) expect(await write(register(), token)).toBe(true);
    late.letGo();
    expect(await writing).toBe(true);
    expect(await tokenIn(register())).toBe(9);
  });

  it('gives what lies there, and not what a reader was about to read when it was removed', async () => {
    for (let token = 1; token <= 3; token += 1) await write(register(), token);
    let overtake = true;
    const slow = register({
      readdir: (async (path: string) => {
        const names = await systemIo.readdir(path);
        if (overtake) {
          overtake = false;
          for (let token = 4; token <= 9; token += 1) await write(register(), token);
        }
        return names;
      }) as FileIo['readdir'],
    });
    expect(await tokenIn(slow)).toBe(9);
  });
});

describe('F35: a head that is damaged', () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ['is empty', (path) => writeFileSync(path, '')],
    ['was cut short', (path) => writeFileSync(path, readFileSync(path).subarray(0, 200))],
    ['lost its last letter', (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))],
    ['has a flipped bit', flipBit],
    ['is somebody else\'s JSON', (path) => writeFileSync(path, '{"token":12}\n')],
    ['is a folder', (path) => (rmSync(path), mkdirSync(path))],
  ]; // prettier-ignore

  it.each(damages)(
    '%s: the one before it counts, and the next is above both',
    async (_what, damage) => {
      for (let token = 1; token <= 3; token += 1) await write(register(), token);
      damage(place.path(place.heads()[0]!));
      expect(await tokenIn(register())).toBe(2);
      expect(await write(register(), 4)).toBe(true);
      expect(await tokenIn(register())).toBe(4);
      expect(place.heads()[0]).toMatch(/-4$/);
    },
  );

  it('is nothing where all of them are, and the next claim writes it anew', async () => {
    for (let token = 1; token <= 3; token += 1) await write(register(), token);
    for (const name of place.heads()) writeFileSync(place.path(name), 'gone');
    expect(await tokenIn(register())).toBe(0);
    expect(await write(register(), 7)).toBe(true);
    expect(await tokenIn(register())).toBe(7);
  });

  it('is not one that a stranger has linked to', async () => {
    await write(register(), 1);
    await write(register(), 2);
    const path = place.path(place.heads()[0]!);
    const copy = place.path('copy');
    writeFileSync(copy, readFileSync(path));
    rmSync(path);
    symlinkSync(copy, path);
    expect(await tokenIn(register())).toBe(1);
  });
});

function flipBit(path: string): void {
  const bytes = readFileSync(path);
  const at = bytes.length - 20;
  bytes[at] = bytes[at]! ^ 1;
  writeFileSync(path, bytes);
}
