/**
 * The example provider of PostHog's documentation in `posthog-node`, through the same faults and
 * before the same checks: it does not pass; ours does. What is asked of it is less than of ours: a turn each
 * interval instead of each check.
 */
import { describe, expect, it } from '@jest/globals';
import { facedInstance } from './foreign/faced-instance.js';
import { ForeignInstance } from './foreign/foreign-instance.js';
import { fetchesAtStart } from './invariants/cost.js';
import type { Violation } from './invariants/violation.js';
import { mixes, type MixName } from './mixes.js';
import { simulate } from './simulate.js';
import { defaultSettings, Fleet } from './world/fleet.js';
import type { Member } from './world/member.js';
import { VirtualInstance, type VirtualInstanceParts } from './world/virtual-instance.js';

/** The client's faults show in few of them, ours in none: more of those are run by hand. */
const SEEDS = 20;
const SEEDS_OF_OURS = 6;
const LONGEST_MS = 2 * 60_000;
const mutations = { settings: { checkMs: defaultSettings.intervalMs } };
const member = (parts: VirtualInstanceParts) => new ForeignInstance(parts);

async function violationsIn(
  mix: MixName,
  of: (parts: VirtualInstanceParts) => Member = member,
  seeds = SEEDS,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    const run = await simulate({ mix, seed, mutations, member: of });
    violations.push(...run.violations);
  }
  return violations;
}

const invariantsOf = (violations: readonly Violation[]) =>
  new Set(violations.map(({ invariant }) => invariant));

describe("PostHog's example provider in the virtual fleet", () => {
  it(
    'asks the source more often than one instance would, also when nothing fails',
    async () => {
      expect(invariantsOf(await violationsIn('calm'))).toContain('C1');
    },
    LONGEST_MS,
  );

  it(
    'publishes out of order after a pause, and instances go back',
    async () => {
      const broken = invariantsOf(await violationsIn('pause'));
      expect(broken).toContain('S3');
      expect(broken).toContain('content');
    },
    LONGEST_MS,
  );

  it(
    'never polls again after one call of the store that hangs',
    async () => {
      const dead = (await violationsIn('outage')).filter(({ invariant }) => invariant === 'L-c');
      expect(dead.length).toBeGreaterThan(0);
      expect(invariantsOf(await violationsIn('delay'))).toContain('L-c');
    },
    LONGEST_MS,
  );

  it('lets a deployment on an empty store ask the source many times', async () => {
    const fleet = new Fleet({ seed: 1, member });
    for (let n = 0; n < 50; n += 1) fleet.boot();
    await fleet.world.runUntil(30_000);
    expect(fetchesAtStart(fleet.trace, 30_000)).toBeGreaterThan(10);
  });
});

/**
 * What the client decides alone: after failures it asks only once a minute (L-c), and of a "not
 * modified" it tells nobody, so on a quiet project nothing is confirmed (L-a, L-b).
 */
const theClientsOwn = new Set(['L-a', 'L-b', 'L-c']);

const isClient = (name: string) => Number(name.slice(1)) % 2 === 0;
const everyOther = (parts: VirtualInstanceParts) =>
  isClient(parts.process.name) ? facedInstance(parts) : new VirtualInstance(parts);

/**
 * A client evaluates with what the source says by mistake before its provider hears of it (S7,
 * content). Nobody else may.
 */
function isClientsOwn({ invariant, message }: Violation): boolean {
  if (theClientsOwn.has(invariant)) return true;
  const [name = ''] = message.split(' ');
  return ['S7', 'content'].includes(invariant) && isClient(name);
}

describe('our provider in posthog-node, in the virtual fleet', () => {
  it('keeps what a client fetched alone, where a refresh ended unseen before the outage', async () => {
    const found = await simulate({ mix: 'outage', seed: 1038, mutations, member: facedInstance });
    expect(found.violations.filter(({ invariant }) => !theClientsOwn.has(invariant))).toEqual([]);
  });

  const othersThan = (mix: MixName) => mix !== 'mistakes';

  it.each((Object.keys(mixes) as MixName[]).filter(othersThan))(
    'keeps order, content, cost and shutdown in the mix %s',
    async (mix) => {
      const found = await violationsIn(mix, facedInstance, SEEDS_OF_OURS);
      expect(found.filter(({ invariant }) => !theClientsOwn.has(invariant))).toEqual([]);
    },
    LONGEST_MS,
  );

  it(
    'keeps what the source says by mistake from the store, and so from apps of the module',
    async () => {
      const found = await violationsIn('mistakes', everyOther, SEEDS_OF_OURS);
      expect(found.filter((violation) => !isClientsOwn(violation))).toEqual([]);
    },
    LONGEST_MS,
  );

  it('lets a deployment on an empty store ask the source once', async () => {
    const fleet = new Fleet({ seed: 1, member: facedInstance });
    for (let n = 0; n < 50; n += 1) fleet.boot();
    await fleet.world.runUntil(30_000);
    expect(fetchesAtStart(fleet.trace, 30_000)).toBeLessThanOrEqual(2);
  });
});
