/** Claims and records over any register: the rules to the letter, and nothing lost in a race. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { NewRecord } from '../../../lib/core/cache/definition-record.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import type { ClaimResult } from '../../../lib/core/coordination/claim-store.js';
import { commonTime } from '../../../lib/core/register/register-time.js';
import { RegisterRecordStore } from '../../../lib/core/register/register-record-store.js';
import { systemClock } from '../../../lib/core/time/clock.js';
import { askForClaim, lead, publishAs, recordOf } from '../../support/claim-turns.js';
import { StoreInHand, checkRequest } from '../coordination/store-in-hand.js';
import { MemoryRegister } from './memory-register.js';

const startAt = Date.UTC(2026, 0, 1);
let register: MemoryRegister;
let now: number;
/** The time is the test's; pauses are real, and as short as chance can make them. */
const clock = { ...systemClock, now: () => now, monotonicMs: () => now - startAt };

beforeEach(() => {
  now = startAt;
  register = new MemoryRegister();
});

/** As another process has it. */
function another(random: () => number = () => 0): RegisterRecordStore {
  const parts = { register, bodies: register, members: register, clock, random };
  return new RegisterRecordStore({ ...parts, description: 'here', time: commonTime(clock) });
}

const instance = fc.constantFrom('a', 'b', 'c');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('check' as const), instance, kick: fc.boolean(), floor: fc.constantFrom(0, 0, 0, 1) }) }, // prettier-ignore
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      asHolder: fc.constantFrom(true, true, true, false),
      kind: fc.constantFrom('new', 'new', 'same', 'failed', 'handed-over', 'unheard' as const),
      nextDueMs: fc.constantFrom(0, 1_000, 30_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(40_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), instance }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('publish' as const), by: fc.nat(3) }) },
);

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

describe('claims in a register', () => {
  it('answer as the rules do, operation by operation', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        register = new MemoryRegister();
        const store = another();
        const model = new StoreInHand();
        for (const next of steps) {
          now = model.now;
          const { actual, expected } = await takeBoth(store, model, next);
          expect(actual).toEqual(expected);
          expect((await store.readHead())?.revision).toBe(model.state.record?.revision);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are granted to one of all who ask at once', async () => {
    const stores = Array.from({ length: 30 }, () => another(Math.random));
    const replies = await Promise.all(
      stores.map((store, index) => askForClaim(store, `i${index}`)),
    );
    expect(replies.filter(({ verdict }) => verdict === 'granted')).toHaveLength(1);
    expect(replies.filter(({ verdict }) => verdict === 'held')).toHaveLength(29);
  });

  it('fence who was overtaken while it wrote', async () => {
    const [slow, quick] = [another(), another()];
    const { token } = await askForClaim(slow, 'slow');
    register.beforeReplace = async () => {
      register.beforeReplace = async () => undefined;
      now += 20_000;
      await lead(quick, 'quick', recordOf('by-quick'));
    };
    expect(await publishAs(slow, 'slow', token, recordOf('by-slow'))).toBe('fenced');
    const head = await slow.readHead();
    expect(head?.digest).toBe(recordOf('by-quick').digest);
    expect((await slow.readBody(head!.revision))?.body).toBe(recordOf('by-quick').body);
  });

  it('do not point to what another has laid down under their number', async () => {
    const store = another();
    const { token } = await askForClaim(store, 'a');
    await register.write({ ...recordOf('foreign'), revision: token });
    expect(await publishAs(store, 'a', token, recordOf('own'))).toBe('must-publish');
    expect(await store.readHead()).toBeUndefined();
  });

  it('do not take a body of another history for theirs', async () => {
    const store = another();
    const revision = await lead(store, 'a', recordOf('one'));
    register.bodies.set(revision, { ...recordOf('two'), revision });
    await expect(store.readBody(revision)).resolves.toBeUndefined();
  });

  it('take note of a body that was read in vain: it is not confirmed, but published anew', async () => {
    const [holder, newcomer] = [another(), another()];
    const revision = await lead(holder, 'holder', recordOf('one'));
    register.bodies.clear();
    await expect(newcomer.readBody(revision)).resolves.toBeUndefined();
    const { replacements } = register;
    await expect(newcomer.readBody(revision)).resolves.toBeUndefined();
    expect(register.replacements).toBe(replacements);
    expect(await holder.confirm(revision)).toBe(false);
    expect(await holder.publish(recordOf('one'), revision + 1)).toBe(true);
    expect(await newcomer.readBody(revision + 1)).toBeDefined();
    expect(await holder.confirm(revision + 1)).toBe(true);
  });

  it('take no note of one that was overtaken, and fail at nothing where they may only read', async () => {
    const [one, two] = [another(), another()];
    const old = await lead(one, 'one', recordOf('one'));
    now += 60_000;
    const revision = await lead(one, 'one', recordOf('two'));
    register.bodies.clear();
    const { replacements } = register;
    await expect(two.readBody(old)).resolves.toBeUndefined();
    expect(register.replacements).toBe(replacements);
    register.beforeReplace = () => Promise.reject(new Error('it is not allowed'));
    await expect(two.readBody(revision)).resolves.toBeUndefined();
  });

  it('keep the body of an open claim when another tidies up', async () => {
    const [first, second] = [another(), another()];
    await lead(first, 'first', recordOf('one'));
    const { token } = await askForClaim(second, 'second');
    await register.write({ ...recordOf('two'), revision: token });
    await register.keepOnly([(await first.readHead())!.revision]);
    expect(await publishAs(second, 'second', token, recordOf('two'))).toBe('accepted');
    expect((await first.readBody(token))?.body).toBe(recordOf('two').body);
  });

  it('say that they failed when others are always quicker, and change nothing', async () => {
    const [unlucky, others] = [another(), another()];
    let published = 0;
    const overtake = async (): Promise<void> => {
      register.beforeReplace = async () => undefined;
      published += 1;
      await others.publish(recordOf(`n${published}`), now + published);
      register.beforeReplace = overtake;
    };
    register.beforeReplace = overtake;

    await expect(askForClaim(unlucky, 'unlucky')).rejects.toMatchObject({
      code: 'cache-unavailable',
      message: expect.stringContaining('changed by others 20 times'),
    });
    expect((await others.readHead())?.revision).toBe(now + 20);
  });

  it('do not write when a check finds nothing due', async () => {
    const store = another();
    await lead(store, 'a', recordOf('one'));
    const before = register.replacements;
    for (let check = 0; check < 5; check += 1) {
      now += 1_000;
      await store.claims.check(checkRequest({ instance: 'a' }));
      await store.claims.check(checkRequest({ instance: 'b' }));
    }
    expect(register.replacements).toBe(before);
    expect(register.signs.size).toBe(2);
  });

  it('count who has signed lately when the next claim is granted, and forget the others', async () => {
    const store = another();
    for (const name of ['a', 'b', 'c']) await store.claims.check(checkRequest({ instance: name }));
    now += 100_000;
    const { verdict, instances } = await store.claims.check(checkRequest({ instance: 'b' }));
    expect({ verdict, instances }).toEqual({ verdict: 'granted', instances: 1 });
    expect([...register.signs.keys()]).toEqual(['b']);
  });

  it('tell who is there, with what, and who led', async () => {
    const store = another();
    const token = await lead(store, 'a', recordOf('one'));
    now += 6_000;
    await store.claims.check(checkRequest({ instance: 'b', revision: token, ageMs: 12 }));
    expect(await store.claims.members()).toEqual([
      { instance: 'a', revision: 0, ageMs: undefined, seenAgoMs: 6_000, leads: true },
      { instance: 'b', revision: token, ageMs: 12, seenAgoMs: 0, leads: false },
    ]);
  });

  it('do not take for gone who signs rarely', async () => {
    const parts = { register, bodies: register, members: register, clock, random: () => 0 };
    const time = commonTime(clock);
    const signEveryMs = 60_000;
    const store = new RegisterRecordStore({ ...parts, description: 'here', time, signEveryMs });
    const settings = { intervalMs: 30_000, jitter: 0, checkMs: 5_000, leaseMs: 12_000 };
    const one = new ClaimedCoordination({ claims: store.claims, settings, clock, instance: 'one' });
    await store.claims.check(checkRequest({ instance: 'other' }));
    now += 179_000;
    expect((await one.members()).map(({ instance }) => instance)).toEqual(['other']);
    now += 2_000;
    expect(await one.members()).toEqual([]);
  });

  it('start again above everything known when the register has lost its memory', async () => {
    const store = another();
    const token = await lead(store, 'a', recordOf('one'));
    register.wipe();
    now += -3_600_000;
    const reply = await askForClaim(store, 'a', { token, revision: token });
    expect(reply).toMatchObject({ verdict: 'granted', mustPublish: true });
    expect(reply.token).toBeGreaterThan(token);
  });
});

/** A record whose digest is its name, as the model makes them. */
function short(digest: string): NewRecord {
  return { schema: 1, digest, etag: `"${digest}"`, codec: 'json', body: digest };
}

/** One step at the store and at the model. */
async function takeBoth(
  store: RegisterRecordStore,
  model: StoreInHand,
  next: Step,
): Promise<{ actual?: unknown; expected?: unknown }> {
  switch (next.do) {
    case 'check': {
      const floor = next.floor === 1 ? (model.state.record?.revision ?? 0) + 1 : 0;
      const request = { instance: next.instance, kick: next.kick, floor };
      const actual = await store.claims.check(checkRequest(request));
      // Members are counted when a claim is granted, and not at each check.
      const { instances } = actual;
      return { actual, expected: { ...model.check(next.instance, request), instances } };
    }
    case 'finish': {
      const instance = next.asHolder ? (model.state.holder ?? 'a') : 'nobody';
      const { token } = model.state;
      const result = resultOf(next.kind, token, next.nextDueMs);
      const actual = await store.claims.finish({ instance, token, result });
      return { actual, expected: finishInHand(model, instance, token, result) };
    }
    case 'pass':
      model.pass(next.ms);
      return {};
    case 'leave':
      await store.claims.leave(next.instance);
      model.leave(next.instance);
      return {};
    case 'publish': {
      const revision = model.state.token + next.by;
      const actual = await store.publish(short(`b${revision}`), revision);
      model.stage(revision);
      return { actual, expected: model.publish(revision, `b${revision}`) === 'accepted' };
    }
    default:
      return next satisfies never;
  }
}

function resultOf(kind: ClaimResult['kind'], token: number, nextDueMs: number): ClaimResult {
  switch (kind) {
    case 'new':
      return { kind, record: short(`b${token}`), nextDueMs };
    case 'same':
      return { kind, etag: undefined, nextDueMs };
    case 'failed':
      return { kind, reason: 'network', nextDueMs, notBeforeMs: nextDueMs };
    case 'handed-over':
      return { kind };
    case 'unheard':
      return { kind, nextDueMs };
    default:
      return kind satisfies never;
  }
}

function finishInHand(model: StoreInHand, holder: string, token: number, result: ClaimResult) {
  if (result.kind !== 'new') return model.finish(holder, token, result);
  const { digest, etag, schema, codec, body } = result.record;
  const content = { digest, etag, schema, codec, sizeBytes: body.length };
  const { state } = model;
  model.stage(token);
  const { kind, nextDueMs } = result;
  const reply = model.finish(holder, token, { kind, content, nextDueMs });
  // A body that nothing points to is no part of a register.
  if (reply !== 'accepted') model.state = state;
  return reply;
}
