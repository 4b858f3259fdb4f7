/**
 * A thread of a process that shares a memory with the test: it does the one task that it is given,
 * on the built package, and tells what came of it.
 *
 *   new Worker('memory-thread.mjs', { workerData: { task, memory, flag, … } })
 *
 * `flag` is an Int32Array over shared memory of the test's own: the task goes on while its first
 * number is 0.
 */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { SharedBodies } from '../../../dist/esm/caches/shared-memory/shared-bodies.js';
import { SharedContents } from '../../../dist/esm/caches/shared-memory/shared-contents.js';
import { SharedText } from '../../../dist/esm/caches/shared-memory/shared-text.js';
import { slotBytes, word, wordsOf } from '../../../dist/esm/caches/shared-memory/memory-layout.js';
import { sharedMemoryCache } from '../../../dist/esm/caches-shared-memory.js';
import { systemClock } from '../../../dist/esm/core/time/clock.js';

const { task, memory, flag, request } = workerData;
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
const instance = `thread-${threadId}`;
const isGoingOn = () => Atomics.load(flag, 0) === 0;
const tell = (fact) => parentPort.postMessage(fact);
const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

/** A text whose every part says the same number, of a length that depends on it. */
const textOf = (number) =>
  JSON.stringify(Array.from({ length: 3_000 + (number % 500) }, () => number));

function isWhole(text) {
  try {
    const parts = JSON.parse(text);
    return parts.length === 3_000 + (parts[0] % 500) && parts.every((part) => part === parts[0]);
  } catch {
    return false;
  }
}

const recordOf = (number) => ({
  schema: 1,
  digest: `${number}`.padStart(64, '0'),
  etag: undefined,
  codec: 'json',
  body: textOf(number),
});

const claim = (store, more = {}) => store.claims.check({ ...request, instance, ...more });

const tasks = {
  async replaceTexts() {
    const text = new SharedText(memory.buffer);
    let replaced = 0;
    for (let number = 1; isGoingOn(); number += 1) {
      if (text.replace(text.read().mark, textOf(number % 9_000))) replaced += 1;
    }
    return { replaced };
  },

  async readTexts() {
    const text = new SharedText(memory.buffer);
    const seen = { reads: 0, torn: 0, back: 0 };
    let last = 0n;
    while (seen.reads < workerData.reads) {
      const { mark, text: read } = text.read();
      seen.reads += 1;
      if (read === undefined || !isWhole(read)) seen.torn += 1;
      if (mark < last) seen.back += 1;
      last = mark;
    }
    return seen;
  },

  /** The same without the second look and without the checksum. */
  async readTextsCarelessly() {
    const words = wordsOf(memory.buffer);
    let reads = 0;
    while (isGoingOn()) {
      const bytes = slotBytes(memory.buffer, Number(Atomics.load(words, word.root) & 255n));
      const length = new DataView(memory.buffer).getUint32(bytes.byteOffset);
      const text = Buffer.from(new Uint8Array(bytes.subarray(20, 20 + length))).toString();
      reads += 1;
      if (!isWhole(text)) return { reads, torn: 1 };
    }
    return { reads, torn: 0 };
  },

  /** Each ten minutes after the one before, so that what was overtaken is soon forgotten. */
  async publishBodies() {
    let nowMs = Date.now();
    const clock = { ...systemClock, now: () => nowMs };
    const store = sharedMemoryCache(memory).open({ ...settings, clock });
    let published = 0;
    for (let number = 1; isGoingOn(); number += 1) {
      nowMs += 600_001;
      if (await store.publish(recordOf(number % 9_000), nowMs)) published += 1;
    }
    await store.close();
    return { published };
  },

  async readBodies() {
    const store = sharedMemoryCache(memory).open(settings);
    const seen = { reads: 0, torn: 0, back: 0, overtaken: 0 };
    let last = 0;
    while (seen.reads < workerData.reads) {
      const { revision } = (await store.readHead()) ?? { revision: 0 };
      const found = await store.readBody(revision);
      if (revision < last) seen.back += 1;
      last = revision;
      if (found === undefined) {
        seen.overtaken += 1;
        continue;
      }
      seen.reads += 1;
      const isThatOfItsHead = () =>
        found.head.digest === recordOf(JSON.parse(found.body)[0]).digest;
      if (!isWhole(found.body) || !isThatOfItsHead()) seen.torn += 1;
    }
    return seen;
  },

  /** Adds one to a number in the contents, over and over; counts what it knows to have added. */
  async count() {
    const own = contents();
    while (isGoingOn()) {
      await own.change(({ own: before }) => {
        const [{ revision } = { revision: 0 }] = before.members;
        const members = [{ instance: 'counter', seenAt: 0, revision: revision + 1 }];
        return { own: { ...before, members }, reply: undefined };
      });
      Atomics.add(flag, 1, 1);
    }
  },

  /** Asks for a claim whenever the number of the round goes up, together with all others. */
  async rounds() {
    const store = sharedMemoryCache(memory).open(settings);
    for (let round = 1; round <= workerData.rounds; round += 1) {
      Atomics.wait(flag, 0, round - 1);
      const reply = await claim(store, { kick: true, graceMs: 0, shortestGapMs: 0 });
      tell({ round, instance, ...reply });
      if (reply.verdict !== 'granted') continue;
      // Ends when all have been answered.
      Atomics.wait(flag, 1, round - 1);
      const result = { kind: 'new', record: recordOf(round), nextDueMs: 0 };
      const ended = await store.claims.finish({ instance, token: reply.token, result });
      tell({ ended, round });
    }
    await store.close();
  },

  async dieWithClaim() {
    const store = sharedMemoryCache(memory).open(settings);
    tell(await claim(store));
    standStill();
  },

  async dieInSlot() {
    const text = new SharedText(memory.buffer);
    const { slot } = text.take(text.read().mark);
    slotBytes(memory.buffer, slot).fill(7, 0, 100);
    tell({ slot });
    standStill();
  },

  async dieInBody() {
    const bodies = new SharedBodies(memory.buffer, contents());
    const place = await bodies.take(1, 1_000_000);
    new Uint8Array(memory.buffer, place.offset, 500_000).fill(7);
    tell({ place });
    standStill();
  },

  async publishLarge() {
    const store = sharedMemoryCache(memory).open(settings);
    const body = 'y'.repeat(workerData.sizeBytes);
    await store.publish({ ...recordOf(1), body }, workerData.revision ?? 1);
    await store.close();
    return { byteLength: memory.buffer.byteLength };
  },

  /** Opens, sees what is there, and is then told to read what has come since. */
  async readLarge() {
    const store = sharedMemoryCache(memory).open(settings);
    tell({ head: await store.readHead(), byteLength: memory.buffer.byteLength });
    await new Promise((resolve) => parentPort.once('message', resolve));
    const { body } = await store.readBody(1);
    await store.close();
    return { length: body.length, isAll: /^y+$/.test(body) };
  },

  async watch() {
    const store = sharedMemoryCache(memory).open(settings);
    await new Promise((resolve) => {
      store.watch(resolve);
      tell('watches');
    });
    const { digest } = await store.readHead();
    await store.close();
    return { digest };
  },
};

function contents() {
  return new SharedContents(new SharedText(memory.buffer), '', systemClock);
}

// As an app does that listens to something: the timers of the library hold nobody up.
const keepingAlive = setInterval(() => undefined, 60_000);
tell({ result: (await tasks[task]()) ?? {} });
clearInterval(keepingAlive);
