/** A lease in a register: who writes and who only reads, and whose time it counts by. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RegisterRecordStore } from '../../../lib/core/register/register-record-store.js';
import { ObservedTime } from '../../../lib/core/register/register-time.js';
import { askForClaim, publishAs, recordOf } from '../../support/claim-turns.js';
import { HeldClock } from '../../support/held-clock.js';
import { MemoryRegister } from './memory-register.js';

const leaseMs = 22_000;
let register: MemoryRegister;
beforeEach(() => {
  register = new MemoryRegister();
});

/** On a machine of its own, whose wall clock says what it likes. */
function machine(aheadMs = 0) {
  const clock = new HeldClock();
  clock.jumpWallClock(aheadMs);
  const parts = { register, bodies: register, members: register, clock, random: () => 0 };
  const time = new ObservedTime(clock);
  return { clock, store: new RegisterRecordStore({ ...parts, description: 'here', time }) };
}

describe('a lease in a register', () => {
  it('is over for who has watched it unchanged for its length, whatever its own clock says', async () => {
    const [a, b] = [machine(), machine(50_000)];
    expect(await a.store.lease.acquire('a', leaseMs)).toBe(true);
    expect(await b.store.lease.acquire('b', leaseMs)).toBe(false);
    b.clock.advance(leaseMs - 1);
    expect(await b.store.lease.acquire('b', leaseMs)).toBe(false);
    // Seen anew, it counts anew.
    expect(await a.store.lease.acquire('a', leaseMs)).toBe(true);
    expect(await b.store.lease.acquire('b', leaseMs)).toBe(false);
    b.clock.advance(leaseMs);
    expect(await b.store.lease.acquire('b', leaseMs)).toBe(true);
    expect(await a.store.lease.acquire('a', leaseMs)).toBe(false);
  });

  it('is written by its owner at each look, and by nobody else', async () => {
    const [a, b] = [machine(), machine()];
    await a.store.lease.acquire('a', leaseMs);
    const before = register.replacements;
    await a.store.lease.acquire('a', leaseMs);
    expect(register.replacements).toBe(before + 1);
    await b.store.lease.acquire('b', leaseMs);
    await b.store.lease.release('b');
    expect(register.replacements).toBe(before + 1);
  });

  it('leaves a claim open, and is left to its owner by claims', async () => {
    const { store } = machine();
    const { token } = await askForClaim(store, 'claims');
    expect(await store.lease.acquire('leads', leaseMs)).toBe(true);
    expect(await publishAs(store, 'claims', token, recordOf('v1'))).toBe('accepted');
    expect((await askForClaim(store, 'claims')).verdict).toBe('granted');
    expect(await store.lease.acquire('other', leaseMs)).toBe(false);
  });

  it('is given to one of two of whom the other was quicker', async () => {
    const [a, b] = [machine(), machine()];
    register.beforeReplace = async () => {
      register.beforeReplace = async () => undefined;
      expect(await b.store.lease.acquire('b', leaseMs)).toBe(true);
    };
    expect(await a.store.lease.acquire('a', leaseMs)).toBe(false);
  });
});
