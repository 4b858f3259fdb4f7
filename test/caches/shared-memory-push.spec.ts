/**
 * Hints by a number in the memory: nobody who watches misses a publication, and nobody who has
 * stopped, or has ended, is still waited for. How many wait is what `Atomics.notify` says.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedMemory } from '../../lib/caches-shared-memory.js';
import type { SharedMemory } from '../../lib/caches-shared-memory.js';
import { changesIn } from '../../lib/caches/shared-memory/memory-layout.js';
import { ThreadPush } from '../../lib/caches/shared-memory/thread-push.js';
import { eventually } from '../setup/free-port.mjs';
import { Threads, nextOf, resultOf } from './shared-memory/threads.js';

let memory: SharedMemory;
let threads: Threads;

beforeEach(() => {
  memory = createSharedMemory();
  threads = new Threads('memory-thread.mjs');
});
afterEach(async () => {
  await threads.close();
  expect(threads.errors).toEqual([]);
});

/** Wakes all, without anything to tell. */
const waiting = (): number => Atomics.notify(changesIn(memory.buffer), 0);

/** A watcher in this thread, and what it has heard. */
function watcher() {
  const push = new ThreadPush(memory.buffer);
  const heard: string[] = [];
  const stop = push.subscribe(() => heard.push('changed'));
  return { push, heard, stop };
}

const hears = (heard: readonly string[], times: number): Promise<boolean> =>
  eventually(() => heard.length === times);

describe('a watcher in the thread that publishes', () => {
  it('hears each publication, its own too, also one right behind the other', async () => {
    const [one, two] = [watcher(), watcher()];
    one.push.tell();
    expect(await hears(one.heard, 1)).toBe(true);
    expect(await hears(two.heard, 1)).toBe(true);
    one.push.tell();
    two.push.tell();
    expect(await eventually(() => two.heard.length >= 2)).toBe(true);
    one.push.close();
    two.push.close();
  });

  it('hears what was published while it listened', async () => {
    const { push, heard } = watcher();
    const other = new ThreadPush(memory.buffer);
    push.subscribe(() => {
      if (heard.length === 1) other.tell();
    });
    other.tell();
    expect(await hears(heard, 2)).toBe(true);
    push.close();
  });

  it('is told of nothing when it was woken for nothing, and waits again', async () => {
    const { push, heard } = watcher();
    for (let times = 0; times < 10; times += 1) {
      expect(await eventually(() => waiting() === 1)).toBe(true);
    }
    expect(heard).toEqual([]);
    push.tell();
    expect(await hears(heard, 1)).toBe(true);
    push.close();
  });

  it('hears also when another one throws', async () => {
    const push = new ThreadPush(memory.buffer);
    push.subscribe(() => {
      throw new Error('mine');
    });
    const heard: string[] = [];
    push.subscribe(() => heard.push('changed'));
    push.tell();
    expect(await hears(heard, 1)).toBe(true);
    push.close();
  });
});

describe('a watch that ends', () => {
  it('leaves nobody waiting, and takes no other watch with it', async () => {
    const watchers = Array.from({ length: 20 }, watcher);
    const [last, ...others] = watchers;
    others.forEach(({ push, stop }, index) => (index % 2 === 0 ? push.close() : stop()));
    expect(await eventually(() => waiting() === 1)).toBe(true);
    others[0]!.push.tell();
    expect(await hears(last!.heard, 1)).toBe(true);
    expect(others.flatMap(({ heard }) => heard)).toEqual([]);
    last!.push.close();
    await turn();
    expect(waiting()).toBe(0);
  });

  it('can begin again', async () => {
    const { push, heard, stop } = watcher();
    stop();
    push.subscribe(() => heard.push('again'));
    push.tell();
    expect(await eventually(() => heard.length > 0)).toBe(true);
    expect(heard).toEqual(['again']);
    push.close();
    expect(push.subscribe(() => undefined)).toEqual(expect.any(Function));
    await turn();
    expect(waiting()).toBe(0);
  });
});

describe('idle threads', () => {
  const task = { task: 'watch', request: {} };

  it('are all woken by one publication', async () => {
    const workers = Array.from({ length: 6 }, () => threads.start({ ...task, memory }));
    await Promise.all(workers.map(nextOf));
    const told = workers.map(resultOf);
    const publisher = { task: 'publishLarge', request: {}, memory, sizeBytes: 10 };
    await threads.run(publisher);
    const heard = await Promise.all(told);
    expect(new Set(heard.map(({ digest }) => digest))).toEqual(new Set(['1'.padStart(64, '0')]));
    expect(await eventually(() => waiting() === 0)).toBe(true);
  });

  it('that are terminated are not waited for, also while they are being woken', async () => {
    const rounds = 5;
    for (let round = 0; round < rounds; round += 1) {
      const workers = Array.from({ length: 4 }, () => threads.start({ ...task, memory }));
      await Promise.all(workers.map(nextOf));
      expect(waiting()).toBe(4);
      const ended = Promise.all(workers.map((worker) => worker.terminate()));
      let isOver = false;
      void ended.finally(() => (isOver = true));
      while (!isOver) {
        waiting();
        await turn();
      }
      expect(waiting()).toBe(0);
    }
  });
});
