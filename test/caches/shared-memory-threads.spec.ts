/**
 * Real threads over one memory: nothing torn, nothing lost, one grant at a time, and nobody who is
 * held up by a thread that was terminated, wherever that was.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import type { SharedMemory } from '../../lib/caches-shared-memory.js';
import { SharedContents } from '../../lib/caches/shared-memory/shared-contents.js';
import { SharedText } from '../../lib/caches/shared-memory/shared-text.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';
import { checkRequest } from '../core/coordination/store-in-hand.js';
import { eventually } from '../setup/free-port.mjs';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';
import { Threads, nextOf, resultOf, type Told } from './shared-memory/threads.js';

const NET_MS = 120_000;
let memory: SharedMemory;
/** Numbers that test and threads share: [0] stops a task, [1] counts. */
let flag: Int32Array;
let threads: Threads;
const stores: RecordStore[] = [];

beforeEach(() => {
  memory = createSharedMemory({ capacityBytes: 64 * 1_048_576 });
  flag = new Int32Array(new SharedArrayBuffer(8));
  threads = new Threads('memory-thread.mjs');
});

afterEach(async () => {
  await threads.close();
  await Promise.all(stores.splice(0).map((store) => store.close()));
  expect(threads.errors).toEqual([]);
});

async function open(clock: Clock = systemClock): Promise<RecordStore> {
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock };
  const store = await sharedMemoryCache(memory).open(settings);
  stores.push(store);
  return store;
}

function task(name: string, more: object = {}): object {
  return { task: name, memory, flag, request: checkRequest(), ...more };
}

function stop(): void {
  Atomics.store(flag, 0, 1);
}

describe('threads that read while others write', () => {
  it('F37: see whole contents 20,000 times, none older than before', async () => {
    new SharedText(memory.buffer).replace(0n, JSON.stringify(Array(3_000).fill(0)));
    const writers = [threads.run(task('replaceTexts')), threads.run(task('replaceTexts'))];
    const reading = [1, 2].map(() => threads.run(task('readTexts', { reads: 10_000 })));
    expect(await Promise.all(reading)).toEqual([
      { reads: 10_000, torn: 0, back: 0 },
      { reads: 10_000, torn: 0, back: 0 },
    ]);
    stop();
    for (const { replaced } of await Promise.all(writers)) expect(replaced).toBeGreaterThan(100);
  });

  it('F37: see torn ones without the protocol: the one above can fail', async () => {
    new SharedText(memory.buffer).replace(0n, JSON.stringify(Array(3_000).fill(0)));
    const writers = [threads.run(task('replaceTexts')), threads.run(task('replaceTexts'))];
    const careless = await Promise.all([1, 2].map(() => threads.start(task('readTextsCarelessly'))).map(resultOf)); // prettier-ignore
    stop();
    expect(careless).toContainEqual({ reads: expect.any(Number), torn: 1 });
    await Promise.all(writers);
  });

  it('F37: see whole bodies 10,000 times, each with its own head', async () => {
    const writer = threads.run(task('publishBodies'));
    const reading = [1, 2].map(() => threads.run(task('readBodies', { reads: 5_000 })));
    for (const seen of await Promise.all(reading)) {
      expect(seen).toMatchObject({ reads: 5_000, torn: 0, back: 0 });
    }
    stop();
    expect((await writer)['published']).toBeGreaterThan(100);
  });
});

describe('eight threads', () => {
  it('F37: are granted one claim in each round', async () => {
    const rounds = 25;
    const told: Told[] = [];
    const workers = Array.from({ length: 8 }, () => threads.start(task('rounds', { rounds })));
    const done = Promise.all(workers.map(resultOf));
    for (const worker of workers) worker.on('message', (fact: Told) => told.push(fact));
    const inRound = (round: number, name: string): Told[] =>
      told.filter((fact) => fact['round'] === round && name in fact);

    let last = 0;
    for (let round = 1; round <= rounds; round += 1) {
      step(0, round);
      expect(await eventually(() => inRound(round, 'verdict').length === 8)).toBe(true);
      const answers = inRound(round, 'verdict');
      const granted = answers.filter(({ verdict }) => verdict === 'granted');
      expect(granted).toHaveLength(1);
      expect(answers.filter(({ verdict }) => verdict === 'held')).toHaveLength(7);
      expect(granted[0]?.['token']).toBeGreaterThan(last);
      last = Number(granted[0]?.['token']);
      step(1, round);
      expect(await eventually(() => inRound(round, 'ended').length === 1)).toBe(true);
      expect(inRound(round, 'ended')[0]).toMatchObject({ ended: 'accepted' });
    }
    await done;
    expect(await (await open()).readHead()).toMatchObject({ revision: last });
  });

  it('F37: lose no change, and are not held up by those that are terminated among them', async () => {
    const contents = new SharedContents(new SharedText(memory.buffer), '', systemClock);
    const counted = (): number => Atomics.load(flag, 1);
    const crew = Array.from({ length: 8 }, () => threads.start(task('count')));
    const kills = 30;
    for (let kill = 0; kill < kills; kill += 1) {
      const before = counted();
      expect(await eventually(() => counted() > before + 20)).toBe(true);
      await crew.shift()?.terminate();
      crew.push(threads.start(task('count')));
    }
    stop();
    await Promise.all(crew.map(resultOf));
    const [counter] = contents.read().members;
    const lost = (counter?.revision ?? 0) - counted();
    // Terminated between the change and the count of it.
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(kills);
  });

  function step(word: number, round: number): void {
    Atomics.store(flag, word, round);
    Atomics.notify(flag, word);
  }
});

describe('a thread that is terminated', () => {
  it('F37: with a claim is followed by another when its lease is over', async () => {
    const leaseMs = 60_000;
    let shiftMs = 0;
    const store = await open({ ...systemClock, now: () => Date.now() + shiftMs });
    const worker = threads.start(task('dieWithClaim', { request: checkRequest({ leaseMs }) }));
    const { verdict, token } = await nextOf(worker);
    expect(verdict).toBe('granted');
    await worker.terminate();
    const look = () => claimsOf(store).check(checkRequest({ instance: 'next', leaseMs }));
    expect(await look()).toMatchObject({ verdict: 'held' });
    // At the first look after.
    shiftMs = leaseMs;
    const { verdict: after, token: next } = await look();
    expect(after).toBe('granted');
    expect(next).toBeGreaterThanOrEqual(Number(token) + leaseMs);
    expect(await publishAs(store, 'next', next, recordOf('new'))).toBe('accepted');
  });

  it.each(['dieInSlot', 'dieInBody'])(
    'F37: in the middle of writing (%s) holds nobody up',
    async (name) => {
      const store = await open();
      await lead(store, 'a', recordOf('before'));
      const worker = threads.start(task(name));
      await nextOf(worker);
      const whileItStands = await askForClaim(store, 'a', { token: 1 });
      expect(await publishAs(store, 'a', whileItStands.token, recordOf('while'))).toBe('accepted');
      await worker.terminate();
      const { token } = await askForClaim(store, 'b');
      expect(await publishAs(store, 'b', token, recordOf('after'))).toBe('accepted');
      expect((await store.readBody(token))?.body).toBe(recordOf('after').body);
    },
  );
});

describe('a memory that grows', () => {
  it('F37: grows for threads that had opened it before', async () => {
    const sizeBytes = 20_000_000;
    const store = await open();
    const reader = threads.start(task('readLarge'));
    const { byteLength } = await nextOf(reader);
    expect(byteLength).toBeLessThan(sizeBytes);
    const grown = await threads.run(task('publishLarge', { sizeBytes }));
    expect(grown['byteLength']).toBeGreaterThan(sizeBytes);
    expect((await store.readBody(1))?.body).toHaveLength(sizeBytes);
    const read = resultOf(reader);
    reader.postMessage('read');
    expect(await read).toEqual({ length: sizeBytes, isAll: true });
  });
});

describe('hints', () => {
  it('go from thread to thread, both ways', async () => {
    const store = await open();
    const worker = threads.start(task('watch'));
    await nextOf(worker);
    const told = resultOf(worker);
    await lead(store, 'a', recordOf('news'));
    expect(await told).toEqual({ digest: recordOf('news').digest });

    const heard = new Promise<void>((resolve) => store.watch?.(resolve));
    await threads.run(task('publishLarge', { sizeBytes: 10, revision: Date.now() * 2 }));
    await heard;
  });

  it('hold neither a thread nor the process', async () => {
    const script = fileURLToPath(new URL('shared-memory/ends-by-itself.mjs', import.meta.url));
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [script], { timeout: NET_MS });
    expect(stdout.trim().split('\n').toSorted()).toEqual(['the main thread watches', 'the worker has ended', 'the worker watches']); // prettier-ignore
  });
});
