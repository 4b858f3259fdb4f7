/** The contract of lease stores sees each known fault, where it is. */
import { describe, expect, it } from '@jest/globals';
import type { LeaseStore } from '../../lib/core/coordination/lease-store.js';
import { describeLeaseStore } from '../../lib/testing.js';
import { changedPlace } from '../support/changed-place.js';
import { failuresOf } from '../support/collecting-runner.js';

const lacks = {
  stopServer: 'it is in this process',
  startServer: 'it is in this process',
};

type Numbered = Required<LeaseStore>;

/** Asks for the lease with other words than the suite has used. */
const asksAs =
  (
    change: (owner: string, leaseMs: number, floor: number) => [string, number, number],
  ): ((lease: Numbered) => Partial<Numbered>) =>
  (lease) => ({
    acquire: (owner, leaseMs) => {
      const [name, ms] = change(owner, leaseMs, 0);
      return lease.acquire(name, ms);
    },
    acquireWithToken: (...asked) => lease.acquireWithToken(...change(...asked)),
  });

/** Who the broken leases below have seen last. */
let lastOwner = '';
let firstToken: number | undefined;

const brokenLeases: readonly (readonly [
  fault: string,
  change: (lease: Numbered) => Partial<Numbered>,
  caught: RegExp,
])[] = [
  ['is everybody’s', () => ({ acquire: async () => true }), /F19/],
  ['is nobody’s', () => ({ acquire: async () => false }), /for the first who asks/],
  ['cannot be extended', (lease) => ({ acquire: async (owner, ms) => { const had = lastOwner === owner; lastOwner = owner; return had ? true : lease.acquire(owner, ms); } }), /kept by who asks again/], // prettier-ignore
  ['never ends', asksAs((owner, _ms, floor) => [owner, 1e9, floor]), /F09/],
  ['is over at once', asksAs((owner, _ms, floor) => [owner, 0, floor]), /for the first who asks/],
  ['is extended by whoever asks', (lease) => ({ acquire: async (owner, ms) => { if (await lease.acquire(owner, ms)) { lastOwner = owner; return true; } await lease.acquire(lastOwner, ms); return false; } }), /F09/], // prettier-ignore
  ['cannot be given up', () => ({ release: async () => undefined }), /F57/],
  ['is given up by whoever likes', (lease) => ({ acquire: async (owner, ms) => { const has = await lease.acquire(owner, ms); if (has) lastOwner = owner; return has; }, release: () => lease.release(lastOwner) }), /F01/], // prettier-ignore
  ['is given up by its owner alone, else it throws', (lease) => ({ release: async (owner) => { if (!(await lease.acquire(owner, 1))) throw new Error('it is not yours'); await lease.release(owner); } }), /F01/], // prettier-ignore
  ['has no tokens, and does not say so', () => ({ acquireWithToken: undefined as never }), /are for the owner/], // prettier-ignore
  ['has tokens for all', (lease) => ({ acquireWithToken: async (...asked) => (await lease.acquireWithToken(...asked)) ?? 1 }), /are for the owner/], // prettier-ignore
  ['has one token', (lease) => ({ acquireWithToken: async (...asked) => { const token = await lease.acquireWithToken(...asked); return token && (firstToken ??= token); } }), /grow with each look/], // prettier-ignore
  ['counts by itself', (lease) => { let count = 0; return { acquireWithToken: async (...asked) => (await lease.acquireWithToken(...asked)) && (count += 1) }; }, /grow with each look/], // prettier-ignore
  ['counts by the clocks of its owners', (lease) => ({ acquireWithToken: async (owner, ...rest) => { const token = await lease.acquireWithToken(owner, ...rest); return token && (owner === 'a' ? token + 1e8 : token); } }), /F03/], // prettier-ignore
  ['hears of no floor', asksAs((owner, ms) => [owner, ms, 0]), /finds no use/],
  ['has another owner behind its tokens', (lease) => ({ acquireWithToken: (owner, ...rest) => lease.acquireWithToken(`${owner}!`, ...rest) }), /are for the owner/], // prettier-ignore
];

describe('a lease store that', () => {
  it.each(brokenLeases)('%s is seen', async (_fault, change, caught) => {
    [lastOwner, firstToken] = ['', undefined];
    const failures = await failuresOf((runner) => {
      const broken = () =>
        changedPlace(({ lease }) => {
          const whole = lease as Numbered;
          const bound = {
            acquire: whole.acquire.bind(whole),
            release: whole.release.bind(whole),
            acquireWithToken: whole.acquireWithToken.bind(whole),
          };
          return { lease: { ...bound, ...change(bound as Numbered) } };
        });
      describeLeaseStore('broken', broken, { runner, lacks, patienceMs: 100 });
    });
    expect(failures).toContainEqual(expect.stringMatching(caught));
  });

  it('has no fault is not blamed', async () => {
    const failures = await failuresOf((runner) => {
      describeLeaseStore('whole', () => changedPlace(() => ({})), { runner, lacks });
    });
    expect(failures).toEqual([]);
  });

  it('gives no tokens, and says why, is not asked for any', async () => {
    const failures = await failuresOf((runner) => {
      const plain = () =>
        changedPlace(({ lease }) => ({
          lease: {
            acquire: (owner, leaseMs) => lease!.acquire(owner, leaseMs),
            release: (owner) => lease!.release(owner),
          },
        }));
      const excused = { ...lacks, tokens: 'nobody numbers them' };
      describeLeaseStore('plain', plain, { runner, lacks: excused });
    });
    expect(failures).toEqual([]);
  });
});
