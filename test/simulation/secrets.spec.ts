/**
 * S8 in the virtual fleet: whatever fails, no event, no trace and no violation quotes a definition,
 * a record or what was sent instead of them.
 */
import { expect, it } from '@jest/globals';
import { EverythingTold } from '../support/everything-told.js';
import { mixes, type MixName } from './mixes.js';
import { simulate } from './simulate.js';
import { CANARY } from './world/content.js';

const SEEDS = 3;

it.each(['loss', 'source', 'outdated', 'chaos'] satisfies MixName[])(
  'S8: nothing that is told in the mix %s quotes the value of a property',
  async (mix) => {
    expect(mixes[mix].faults).not.toHaveLength(0);
    const told = new EverythingTold();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { trace, violations } = await simulate({ mix, seed, mutations: { observe: told.add } });
      told.add(trace, violations);
    }
    expect(told.text).toContain('turn-finished');
    expect(told.findings([CANARY])).toEqual([]);
  },
);
