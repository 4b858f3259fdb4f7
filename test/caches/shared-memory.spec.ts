/** Records in a shared memory, in one thread: what lies where, and what is damaged, full or not ours. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import type { SharedMemory } from '../../lib/caches-shared-memory.js';
import { firstGap, reach } from '../../lib/caches/shared-memory/body-room.js';
import {
  BODIES_AT,
  LAYOUT,
  SLOTS,
  SLOTS_BEGIN_AT,
  WORDS_END_AT,
  slotBytes,
  type GrowableMemory,
} from '../../lib/caches/shared-memory/memory-layout.js';
import { SharedBodies } from '../../lib/caches/shared-memory/shared-bodies.js';
import { SharedContents } from '../../lib/caches/shared-memory/shared-contents.js';
import { SharedRegister } from '../../lib/caches/shared-memory/shared-register.js';
import { SharedText } from '../../lib/caches/shared-memory/shared-text.js';
import type { StoredBody } from '../../lib/core/cache/body-store.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { emptyRegisterValue } from '../../lib/core/register/register-value.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { ManualClock } from '../../lib/testing.js';
import { MemoryRegister } from '../core/register/memory-register.js';
import { leaseMs } from '../core/coordination/store-in-hand.js';
import { askForClaim, claimsOf, lead, publishAs, recordOf } from '../support/claim-turns.js';

const MINUTE_MS = 60_000;
const smallest = 16 * 1_048_576;
let memory: SharedMemory;
let clock: ManualClock;

beforeEach(() => {
  memory = createSharedMemory();
  clock = new ManualClock();
});

async function open(identity?: string, by: Clock = clock): Promise<RecordStore> {
  return sharedMemoryCache(memory).open({ identity, commandTimeoutMs: 60_000, clock: by });
}

function bodyOf(revision: number, name: string, body: StoredBody['body'] = name): StoredBody {
  return { ...recordOf(name, body), revision };
}

/** The parts of a store, with the age of what was abandoned in the hand of the test. */
function partsIn({ buffer }: SharedMemory, nowMs = (): number => clock.now()) {
  const text = new SharedText(buffer, nowMs);
  const contents = new SharedContents(text, '', clock);
  const bodies = new SharedBodies(buffer as GrowableMemory, contents, nowMs);
  return { text, contents, bodies, register: new SharedRegister(contents) };
}

describe('a shared memory', () => {
  it.each([0, 1.5, smallest - 1, 2 ** 33, Number.NaN])('cannot have %p bytes', (capacityBytes) => {
    expect(() => createSharedMemory({ capacityBytes })).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringContaining(`got ${capacityBytes} as capacityBytes`),
      }),
    );
  });

  it('reserves addresses, and takes no more than its tables at first', () => {
    const { byteLength, maxByteLength } = memory.buffer as GrowableMemory;
    expect({ byteLength, maxByteLength }).toEqual({
      byteLength: BODIES_AT,
      maxByteLength: 268_435_456,
    });
  });

  it('is divided so that nothing overlaps', () => {
    const last = slotBytes(memory.buffer, SLOTS - 1);
    expect(WORDS_END_AT).toBeLessThanOrEqual(SLOTS_BEGIN_AT);
    expect(slotBytes(memory.buffer, 0).byteOffset).toBe(SLOTS_BEGIN_AT);
    expect(last.byteOffset + last.byteLength).toBe(BODIES_AT);
  });

  it('is the same to whom it was handed', () => {
    const handed = structuredClone(memory);
    expect(sharedMemoryCache(handed).mistakes).toEqual([]);
    new Uint8Array(handed.buffer)[BODIES_AT - 1] = 7;
    expect(new Uint8Array(memory.buffer)[BODIES_AT - 1]).toBe(7);
  });

  it.each([
    ['nothing', () => undefined, 'expects what createSharedMemory() gave'],
    ['a buffer alone', () => memory.buffer, 'expects what createSharedMemory() gave'],
    ['a URL', () => 'redis://host', 'expects what createSharedMemory() gave'],
    ['what JSON leaves', () => JSON.parse(JSON.stringify(memory)), 'sent to another process'],
    ['a copy of its bytes', () => ({ ...memory, buffer: new ArrayBuffer(9) }), 'without its bytes'],
    ['another layout', () => ({ ...memory, layout: LAYOUT + 1 }), `layout ${LAYOUT + 1}, here`],
    ['too few bytes', () => ({ ...memory, buffer: new SharedArrayBuffer(8) }), 'was damaged'],
    [
      'bytes of somebody else',
      () => ({ ...memory, buffer: new SharedArrayBuffer(BODIES_AT) }),
      'same version',
    ],
  ])('is refused as %s', (_, given, words) => {
    const cache = sharedMemoryCache(given() as SharedMemory);
    expect(cache.mistakes).toEqual([expect.stringContaining(words)]);
    expect(cache.mistakes?.[0]).toMatch(/^sharedMemoryCache /);
    const settings = { identity: undefined, commandTimeoutMs: 60_000, clock };
    expect(() => cache.open(settings)).toThrow(words);
  });

  it('that is none keeps the app from starting, with all other mistakes', () => {
    const cache = sharedMemoryCache(JSON.parse(JSON.stringify(memory)) as SharedMemory);
    expect(() => resolveOptions({ cache })).toThrow(
      /2 options are wrong\.[\s\S]*cache: sharedMemoryCache got a memory without its bytes/,
    );
  });
});

describe('records in a shared memory', () => {
  it('come back as they were published, text and bytes', async () => {
    const [one, two] = [await open(), await open()];
    const first = await lead(one, 'a', recordOf('text', '{"flags":["ä"]}'));
    expect(await two.readHead()).toMatchObject({ revision: first, sizeBytes: 16, ageMs: 0 });
    expect((await two.readBody(first))?.body).toBe('{"flags":["ä"]}');

    await clock.advance(5_000);
    const bytes = new Uint8Array([0, 255, 1]);
    const second = await lead(two, 'b', recordOf('bytes', bytes));
    expect((await one.readBody(second))?.body).toEqual(bytes);
    expect((await one.readBody(first))?.body).toBe('{"flags":["ä"]}');
    expect(await one.readBody(5)).toBeUndefined();
  });

  it('say that they are of this process, and where they are', async () => {
    const store = await open('project');
    expect(store).toMatchObject({
      isInThisProcess: true,
      description: 'the memory that the threads of this process share',
      key: 'project',
    });
  });

  it('of two projects know nothing of each other', async () => {
    const [one, two] = [await open('one'), await open('two')];
    const revision = await lead(one, 'a', recordOf('one'));
    expect(await two.readHead()).toBeUndefined();
    await lead(two, 'b', recordOf('two'));
    expect(await one.readHead()).toMatchObject({ revision, digest: recordOf('one').digest });
    expect((await one.readBody(revision))?.body).toBe(recordOf('one').body);
    expect((await claimsOf(two).members()).map(({ instance }) => instance)).toEqual(['b']);
  });

  it('go on when the claim of one that died has run out, and not before', async () => {
    const [dead, other] = [await open(), await open()];
    const { token } = await askForClaim(dead, 'dead');
    await clock.advance(leaseMs - 1);
    expect(await askForClaim(other, 'other')).toMatchObject({ verdict: 'held' });
    await clock.advance(1);
    const { verdict, token: next } = await askForClaim(other, 'other');
    expect(verdict).toBe('granted');
    expect(next).toBeGreaterThan(token);
    expect(await publishAs(dead, 'dead', token, recordOf('late'))).toBe('fenced');
    expect(await publishAs(other, 'other', next, recordOf('new'))).toBe('accepted');
  });

  it('count their time by a clock that does not jump when the clock of the system does', async () => {
    const store = await open(undefined, systemClock);
    await lead(store, 'a', recordOf('one'));
    const { now } = Date;
    try {
      Date.now = () => now() + 3_600_000;
      expect((await store.readHead())?.ageMs).toBeLessThan(3_000_000);
    } finally {
      Date.now = now;
    }
  });

  it('are announced to all who watch, and to nobody after they were closed', async () => {
    const [one, two] = [await open(), await open()];
    const told: string[] = [];
    const stop = one.watch?.(() => told.push('one'));
    const heard = new Promise<void>((resolve) => {
      two.watch?.(() => (told.push('two'), resolve()));
    });
    await lead(one, 'a', recordOf('one'));
    await heard;
    expect(told).toEqual(['one', 'two']);
    stop?.();
    await two.close();
    await clock.advance(5_000);
    await lead(one, 'a', recordOf('two'));
    expect(told).toEqual(['one', 'two']);
    await one.close();
    expect(() => one.watch?.(() => undefined)).not.toThrow();
  });

  it('give room back: a hundred bodies take no more than a few', async () => {
    const store = await open();
    const large = 'x'.repeat(1_000_000);
    for (let turn = 0; turn < 100; turn += 1) {
      await clock.advance(11 * MINUTE_MS);
      await lead(store, 'a', recordOf(`n${turn}`, `${turn}${large}`));
    }
    expect(memory.buffer.byteLength).toBeLessThan(BODIES_AT + 6_000_000);
  });

  it('say that the memory is full, and what lies there stays', async () => {
    memory = createSharedMemory({ capacityBytes: smallest });
    const store = await open();
    const revision = await lead(store, 'a', recordOf('small'));
    await clock.advance(5_000);
    const { token } = await askForClaim(store, 'a');
    const tooLarge = recordOf('large', 'x'.repeat(smallest));
    await expect(publishAs(store, 'a', token, tooLarge)).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('larger capacityBytes'),
    });
    expect((await store.readBody(revision))?.body).toBe(recordOf('small').body);
    expect(await publishAs(store, 'a', token, recordOf('fits'))).toBe('accepted');
  });

  it('say that there are too many instances, and go on with those that there are', async () => {
    const { register } = partsIn(memory);
    const member = { seenAt: 1, revision: 1, ageMs: 1 };
    const name = 'x'.repeat(40_000);
    for (let count = 0; count < 6; count += 1) await register.sign(`${count}${name}`, member);
    await expect(register.sign(`6${name}`, member)).rejects.toThrow('too many instances');
    expect((await register.all()).size).toBe(6);
    await register.sign(`5${name}`, { ...member, revision: 2 });
  });
});

describe('what a thread has left that died', () => {
  it('is a slot that nobody waits for, and that is free again when it must be', async () => {
    const { text, register } = partsIn(memory);
    await register.replace(undefined, emptyRegisterValue);
    // All but the one in use and one other.
    for (let dead = 0; dead < SLOTS - 2; dead += 1) {
      const taken = text.take(text.read().mark);
      text.write(taken?.slot ?? 0, Buffer.from('half of'));
    }
    await register.sign('a', { seenAt: 1, revision: 1, ageMs: undefined });
    await register.sign('b', { seenAt: 1, revision: 1, ageMs: undefined });
    expect((await register.all()).size).toBe(2);

    const last = text.read();
    expect(text.take(last.mark)).toBeDefined();
    expect(text.replace(last.mark, '[]')).toBe(false);
    await clock.advance(MINUTE_MS + 2);
    expect(text.replace(last.mark, '[]')).toBe(true);
    expect(text.read().text).toBe('[]');
  });

  it('is a place without a body, which nobody reads, and which is free after a minute', async () => {
    const { contents, bodies } = partsIn(memory);
    const place = {
      id: 'dead',
      revision: 1,
      offset: BODIES_AT,
      sizeBytes: 50,
      takenAt: clock.now(),
    };
    await contents.change(({ own }) => ({ own: { ...own, bodies: [place] }, reply: undefined }));
    expect(await bodies.read(1)).toBeUndefined();
    expect(await bodies.write(bodyOf(1, 'other'))).toBe(true);
    expect((await bodies.read(1))?.body).toBe('other');
    await clock.advance(MINUTE_MS);
    await bodies.write(bodyOf(2, 'next'));
    const places = contents.read().bodies;
    expect(places.map(({ id }) => id)).not.toContain('dead');
    expect(places.find(({ revision }) => revision === 2)?.offset).toBe(BODIES_AT);
  });

  it('was only slow: what it shows too late is not shown', async () => {
    const { bodies, contents } = partsIn(memory);
    const slow = bodies.write(bodyOf(1, 'slow'));
    const without = ({ own }: { own: ReturnType<SharedContents['read']> }) => ({
      own: { ...own, bodies: [] },
      reply: undefined,
    });
    // The place is taken at once; by the time its facts come, another has taken it for abandoned.
    await contents.change(without);
    expect(await slow).toBe(false);
    expect(await bodies.read(1)).toBeUndefined();
  });
});

describe('what is damaged', () => {
  it('counts as nothing where it is the contents, and the next refresh writes them anew', async () => {
    const store = await open();
    const token = await lead(store, 'a', recordOf('one'));
    for (let slot = 0; slot < SLOTS; slot += 1) slotBytes(memory.buffer, slot).fill(1, 30, 40);
    expect(await store.readHead()).toBeUndefined();
    const reply = await askForClaim(store, 'a', { token, revision: token });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(await publishAs(store, 'a', reply.token, recordOf('two'))).toBe('accepted');
    expect((await store.readHead())?.digest).toBe(recordOf('two').digest);
  });

  it('is a length beyond all, too', async () => {
    const store = await open();
    await lead(store, 'a', recordOf('one'));
    for (let slot = 0; slot < SLOTS; slot += 1) slotBytes(memory.buffer, slot).fill(255, 0, 4);
    expect(await store.readHead()).toBeUndefined();
  });

  it('is not read where it is a body', async () => {
    const store = await open();
    const revision = await lead(store, 'a', recordOf('one'));
    new Uint8Array(memory.buffer)[BODIES_AT + 3] = 0;
    expect(await store.readBody(revision)).toBeUndefined();
    expect(await store.readHead()).toMatchObject({ revision });
  });
});

describe('the room for bodies', () => {
  const sizes = fc.array(fc.record({ sizeBytes: fc.nat(50), stays: fc.boolean() }), {
    maxLength: 60,
  });

  it('gives no two bodies the same bytes, and uses gaps', () => {
    fc.assert(
      fc.property(sizes, (wanted) => {
        let inUse: { offset: number; sizeBytes: number }[] = [];
        for (const { sizeBytes, stays } of wanted) {
          const offset = firstGap(inUse, sizeBytes);
          const clash = inUse.find(
            (room) => room.offset < offset + sizeBytes && offset < room.offset + room.sizeBytes,
          );
          expect(clash).toBeUndefined();
          const end = Math.max(BODIES_AT, ...inUse.map((room) => room.offset + room.sizeBytes));
          expect(offset).toBeGreaterThanOrEqual(BODIES_AT);
          expect(offset).toBeLessThanOrEqual(end);
          inUse = [...inUse, { offset, sizeBytes }];
          if (!stays) inUse = inUse.slice(1);
        }
      }),
    );
  });

  it('grows, never beyond what it may, and never back', () => {
    const buffer = memory.buffer as GrowableMemory;
    reach(buffer, BODIES_AT + 5_000_000);
    const { byteLength } = buffer;
    expect(byteLength).toBeGreaterThanOrEqual(BODIES_AT + 5_000_000);
    reach(buffer, BODIES_AT);
    expect(buffer.byteLength).toBe(byteLength);
    expect(() => reach(buffer, buffer.maxByteLength + 1)).toThrow('is full');
    reach(buffer, buffer.maxByteLength);
    expect(buffer.byteLength).toBe(buffer.maxByteLength);
  });
});

describe('a register in a shared memory', () => {
  const revision = fc.integer({ min: 1, max: 5 });
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.oneof(
    fc.record({ do: fc.constant('replace' as const), isCurrent: fc.boolean(), at: fc.nat(99) }),
    fc.record({ do: fc.constant('sign' as const), name, revision }),
    fc.record({ do: fc.constant('forget' as const), names: fc.array(name, { maxLength: 2 }) }),
    fc.record({ do: fc.constant('write' as const), revision, name, isText: fc.boolean() }),
    fc.record({ do: fc.constant('keep' as const), revisions: fc.array(revision, { minLength: 1 }) }), // prettier-ignore
  );

  it('does as the one in memory does, step by step', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const model = new MemoryRegister();
        const { register, bodies } = partsIn(createSharedMemory({ capacityBytes: smallest }));
        for (const next of steps) {
          expect(await take(next, register, bodies)).toEqual(await take(next, model, model));
          expect((await register.read())?.value).toEqual((await model.read())?.value);
          expect(await register.all()).toEqual(await model.all());
          for (let number = 1; number <= 5; number += 1) {
            expect(await bodies.read(number)).toEqual(await model.read(number));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

  async function take(
    next: Step,
    register: Pick<SharedRegister, 'read' | 'replace' | 'sign' | 'forget'>,
    bodies: Pick<SharedBodies, 'write' | 'keepOnly'>,
  ): Promise<unknown> {
    switch (next.do) {
      case 'replace': {
        const version = (await register.read())?.version;
        const value = { ...emptyRegisterValue, writtenAt: next.at };
        return register.replace(next.isCurrent ? version : 'another', value);
      }
      case 'sign':
        return register.sign(next.name, { seenAt: 1, revision: next.revision, ageMs: undefined });
      case 'forget':
        return register.forget(next.names);
      case 'write': {
        const body = next.isText ? next.name : new Uint8Array(Buffer.from(next.name));
        return bodies.write(bodyOf(next.revision, next.name, body));
      }
      case 'keep':
        return bodies.keepOnly(next.revisions);
      default:
        return next satisfies never;
    }
  }
});
