/** Each invariant on a trace written by hand: it passes the good one and sees the bad one. */
import { describe, expect, it } from '@jest/globals';
import { checkTrace } from './invariants/check-trace.js';
import type { Invariant, TraceFacts } from './invariants/violation.js';
import type { TraceEvent, TraceFact } from './trace.js';
import { defaultSettings } from './world/fleet.js';

const facts: TraceFacts = {
  settings: defaultSettings,
  endMs: 120_000,
  calmFromMs: 0,
  aftermathMs: 0,
  forgetsGrants: false,
  goesBack: false,
  slowestRate: 1,
};

type At = readonly [at: number, fact: TraceFact];

const finished = (token: number, content: string, fetchedAt: readonly [number, number]) =>
  ({
    type: 'finished',
    instance: 'a',
    token,
    kind: 'new',
    reply: 'accepted',
    content,
    fetch: { startedAt: fetchedAt[0], endedAt: fetchedAt[1] },
    untouched: false,
  }) as const satisfies TraceFact;

const applied = (revision: number, content: string | undefined): TraceFact => ({
  type: 'applied',
  instance: 'a',
  revision,
  content,
});

const turn = (outcome = 'unchanged'): TraceFact => ({
  type: 'turn',
  instance: 'a',
  outcome,
  instances: 1,
});

const fetchBy = (right: 'claim' | 'cache-away' | 'none', instance = 'a'): TraceFact => ({
  type: 'fetch-started',
  instance,
  right,
});

/** One instance that does everything right for two minutes, a change at one minute. */
const good: readonly At[] = [
  [0, { type: 'version', version: 1, content: 'one' }],
  [1, { type: 'booted', instance: 'a', rate: 1 }],
  [100, finished(10, 'one', [10, 90])],
  [101, applied(10, 'one')],
  ...[30_000, 90_000].map((at): At => [at, { ...finished(at, at < 60_000 ? 'one' : 'two', [at - 90, at - 10]), kind: 'same' }]), // prettier-ignore
  [60_000, { type: 'version', version: 2, content: 'two' }],
  [61_000, finished(61_000, 'two', [60_900, 60_990])],
  [61_001, applied(61_000, 'two')],
  ...Array.from({ length: 24 }, (_, index): At => [5_000 * (index + 1), turn()]),
];

function brokenBy(
  events: readonly At[],
  { with: others = {}, from = good }: { with?: Partial<TraceFacts>; from?: readonly At[] } = {},
): Set<Invariant> {
  const trace = [...from, ...events]
    .map(([at, fact]): TraceEvent => ({ ...fact, at }))
    .toSorted((one, other) => one.at - other.at);
  return new Set(checkTrace(trace, { ...facts, ...others }).map(({ invariant }) => invariant));
}

/** The good trace without the events that a predicate picks. */
const without = (isGone: (fact: TraceFact, at: number) => boolean): readonly At[] =>
  good.filter(([at, fact]) => !isGone(fact, at));

it('finds nothing in a fleet that does everything right', () => {
  expect([...brokenBy([])]).toEqual([]);
});

describe('safety', () => {
  it('S1: sees a revision that is published twice', () => {
    expect(brokenBy([[70_000, finished(61_000, 'two', [69_000, 69_500])]])).toContain('S1');
  });

  it('S1: allows it when the store has forgotten the first', () => {
    const lost: At = [69_000, { type: 'store-lost', keptUntil: 60_500 }];
    expect(brokenBy([lost, [70_000, finished(61_000, 'two', [69_000, 69_500])]])).not.toContain(
      'S1',
    );
  });

  it('S2: sees an instance whose revision goes down', () => {
    expect(brokenBy([[70_000, applied(60_999, 'two')]])).toContain('S2');
  });

  it('S2: allows the same revision with other content only', () => {
    expect(brokenBy([[70_000, applied(61_000, 'two')]])).toContain('S2');
    expect(brokenBy([[70_000, applied(61_000, 'one')]])).not.toContain('S2');
  });

  it('S3: sees fetches that overlap', () => {
    expect(brokenBy([[61_500, finished(61_500, 'two', [60_950, 61_400])]])).toContain('S3');
  });

  it('S3: sees a store that goes back to an older content', () => {
    expect(brokenBy([[70_000, finished(70_000, 'one', [69_000, 69_500])]])).toContain('S3');
  });

  it('S4: sees a refused finish that has changed something', () => {
    const refused = { ...finished(70_000, 'two', [69_000, 69_500]), reply: 'fenced' } as const;
    expect(brokenBy([[70_000, refused]])).toContain('S4');
    expect(brokenBy([[70_000, { ...refused, untouched: true }]])).not.toContain('S4');
  });

  it('S5: sees an evaluation that fails', () => {
    expect(brokenBy([[70_000, { type: 'evaluated', instance: 'a', fault: 'torn' }]])).toContain(
      'S5',
    );
  });

  it('S7: sees content that nobody has served', () => {
    expect(brokenBy([[70_000, applied(70_000, undefined)]])).toContain('S7');
  });

  it('sees an instance that goes back under a higher revision', () => {
    expect(brokenBy([[70_000, applied(70_000, 'one')]])).toContain('content');
  });

  it('knows a change that was taken back from a going back', () => {
    const back: At = [65_000, { type: 'version', version: 3, content: 'one' }];
    expect(brokenBy([back, [70_000, applied(70_000, 'one')]])).not.toContain('content');
  });
});

describe('liveness', () => {
  it('L-a: sees a fleet that stops confirming', () => {
    expect(brokenBy([], { from: without(({ type }, at) => type === 'finished' && at > 1_000 && at < 90_000) })).toContain('L-a'); // prettier-ignore
  });

  it('L-b: sees a fleet that does not confirm after the faults', () => {
    expect(brokenBy([], { from: without(({ type }) => type === 'finished') })).toContain('L-b');
  });

  it('L-b: sees an instance that a change does not reach', () => {
    const from = without(({ type }, at) => type === 'applied' && at > 60_000);
    expect(brokenBy([], { from, with: { endMs: 130_000 } })).toContain('L-b');
  });

  it('L-c: sees an instance that takes no more turns', () => {
    expect(brokenBy([], { from: without(({ type }, at) => type === 'turn' && at > 60_000) })).toContain('L-c'); // prettier-ignore
  });

  it('L-c: does not ask a turn of an instance that stands still', () => {
    const from = without(({ type }, at) => type === 'turn' && at > 60_000);
    const paused: TraceFact = { type: 'paused', instance: 'a', untilMs: 115_000 };
    expect(brokenBy([[60_000, paused]], { from })).not.toContain('L-c');
  });

  it('L-d: sees a shutdown that takes too long, and one that never ends', () => {
    const closing: At = [50_000, { type: 'closing', instance: 'a' }];
    const closed = (tookMs: number): At => [
      50_000 + tookMs,
      { type: 'closed', instance: 'a', tookMs },
    ];
    expect(brokenBy([closing, closed(3_000)])).toContain('L-d');
    expect(brokenBy([closing])).toContain('L-d');
    expect(brokenBy([closing, closed(1_500)])).not.toContain('L-d');
  });

  it('L-e: sees a hold that does not end', () => {
    const from = good.map(([at, fact]): At => [at, fact.type === 'turn' ? turn('waiting:holding') : fact]); // prettier-ignore
    expect(brokenBy([], { from })).toContain('L-e');
  });
});

describe('cost', () => {
  it('S6: sees a fetch without a right', () => {
    expect(brokenBy([[70_000, fetchBy('none')]])).toContain('S6');
  });

  it('S6: sees fetches alone that follow each other too soon', () => {
    const alone = (at: number): At => [at, fetchBy('cache-away')];
    expect(brokenBy([alone(71_000), alone(74_000)])).toContain('S6');
  });

  it('S6: takes a second look within a turn for one fetch, and one in the next turn for two', () => {
    const ended: TraceFact = { type: 'fetch-ended', instance: 'a', answer: 'definitions' };
    const first: readonly At[] = [[71_000, fetchBy('cache-away')], [71_100, ended]]; // prettier-ignore
    const alone: TraceFact = { type: 'turn', instance: 'a', outcome: 'fetched', instances: undefined }; // prettier-ignore
    const second: At = [71_600, fetchBy('cache-away')];
    expect(brokenBy([...first, second])).not.toContain('S6');
    expect(brokenBy([...first, [71_200, alone], second])).toContain('S6');
  });

  it('C1: sees a fleet that asks too often', () => {
    const many = Array.from({ length: 8 }, (_, n): At => [80_000 + n, fetchBy('claim')]);
    expect(brokenBy(many)).toContain('C1');
    expect(brokenBy(many.slice(0, 4))).not.toContain('C1');
  });

  it('C1: excuses each instance once that takes its cache for away, where time is real', () => {
    const alone = (instance: string, n: number): At => [
      80_000 + n,
      fetchBy('cache-away', instance),
    ];
    const realTime = { with: { isRealTime: true } };
    const eachOnce = Array.from({ length: 8 }, (_, n) => alone(`i${n}`, n));
    expect(brokenBy(eachOnce)).toContain('C1');
    expect(brokenBy(eachOnce, realTime)).not.toContain('C1');
    const oneStays = Array.from({ length: 9 }, (_, n) => alone('i0', 4_000 * n));
    expect(brokenBy(oneStays, realTime)).toContain('C1');
  });

  it('C3: sees a body that is read twice', () => {
    const read: TraceFact = { type: 'body-read', instance: 'a', revision: 61_000 };
    expect(brokenBy([[80_000, read], [81_000, read]])).toContain('C3'); // prettier-ignore
    expect(brokenBy([[80_000, read]])).not.toContain('C3');
  });
});
