/** What holds of refresh claims after any operations, in any order, at any time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { StoreInHand, longestDueMs, shortestGapMs } from './store-in-hand.js';

const instances = ['a', 'b', 'c'] as const;
const instance = fc.constantFrom(...instances);
const delayMs = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 400_000 }));
/** Which of the tokens granted so far, counted from the last; most often the last. */
const back = fc.oneof(
  { weight: 5, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.nat(4) },
);

const look = fc.record({
  do: fc.constant('check' as const),
  instance,
  kick: fc.boolean(),
  sitOutMs: fc.constantFrom(0, 0, 0, 60_000),
  knows: back,
});
const end = fc.record({
  do: fc.constant('finish' as const),
  instance,
  asHolder: fc.constantFrom(true, true, false),
  back,
  kind: fc.constantFrom('new', 'new', 'same', 'failed', 'handed-over', 'unheard'),
  nextDueMs: fc.oneof(fc.constant(30_000), delayMs),
  notBeforeMs: fc.oneof(fc.constant(0), delayMs),
});
const time = fc.record({
  do: fc.constant('pass' as const),
  ms: fc.oneof(fc.nat(15_000), fc.nat(1_000_000)),
});
const loss = fc.record({ do: fc.constant('lose bodies' as const) });
const leave = fc.record({ do: fc.constant('leave' as const), instance });
const jump = fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: -90_000_000 }) });

const calm = fc.array(fc.oneof(look, look, end, end, time, loss, leave), {
  minLength: 10,
  maxLength: 60,
  size: 'max',
});
/** The same with a clock that jumps in both directions, by up to weeks. */
const wild = fc.array(fc.oneof(look, look, end, end, time, loss, leave, jump), {
  minLength: 10,
  maxLength: 60,
  size: 'max',
});

type Step = (typeof wild extends fc.Arbitrary<infer Steps> ? Steps : never) extends (infer One)[]
  ? One
  : never;

/** One run, with what it did that a law can be about. */
class Run {
  readonly store = new StoreInHand();
  readonly granted: { token: number; at: number; dueInMs: number; wasHeld: boolean }[] = [];
  readonly accepted: { token: number; at: number; nextDueMs: number; notBeforeMs: number }[] = [];
  readonly revisions: number[] = [];

  constructor(steps: readonly Step[]) {
    for (const step of steps) {
      this.take(step);
      this.revisions.push(this.store.state.record?.revision ?? 0);
    }
  }

  private take(step: Step): void {
    if (step.do === 'pass') return this.store.pass(step.ms);
    if (step.do === 'lose bodies') return this.store.loseBodies();
    if (step.do === 'leave') return this.store.leave(step.instance);
    return step.do === 'check' ? this.check(step) : this.finish(step);
  }

  private check(step: Extract<Step, { do: 'check' }>): void {
    const { store } = this;
    const before = store.state;
    const token = this.granted.at(-1 - step.knows)?.token ?? 0;
    const { kick, sitOutMs } = step;
    const reply = store.check(step.instance, { kick, sitOutMs, token });
    this.mustHold(store.state.dueAt <= store.now + longestDueMs, 'due too far ahead');
    if (reply.verdict !== 'granted') return this.mustHold(!reply.etag, 'an etag without a grant');
    const wasHeld =
      before.holder !== undefined &&
      before.leaseEndsAt > store.now &&
      before.leaseEndsAt <= store.now + 12_000;
    this.granted.push({ token: reply.token, at: store.now, dueInMs: reply.dueInMs, wasHeld });
  }

  private finish(step: Extract<Step, { do: 'finish' }>): void {
    const { store } = this;
    const token = this.granted.at(-1 - step.back)?.token ?? 1;
    if (step.kind === 'new') store.stage(token);
    const before = store.state;
    const name = step.asHolder ? (before.holder ?? step.instance) : step.instance;
    const reply = store.finish(name, token, resultOf(step));
    if (reply !== 'accepted') {
      return this.mustHold(store.state === before, 'a refused finish changed something');
    }
    const { nextDueMs, notBeforeMs } = step;
    const asked = step.kind === 'failed' ? notBeforeMs : 0;
    const due = step.kind === 'handed-over' ? 0 : nextDueMs;
    this.accepted.push({ token, at: store.now, nextDueMs: due, notBeforeMs: asked });
  }

  private mustHold(isTrue: boolean, what: string): void {
    if (!isTrue) throw new Error(what);
  }
}

function resultOf({ kind, nextDueMs, notBeforeMs }: Extract<Step, { do: 'finish' }>) {
  if (kind === 'new') {
    const content = { schema: 1, digest: 'd', etag: '"d"', codec: 'json', sizeBytes: 1 };
    return { kind, content, nextDueMs } as const;
  }
  if (kind === 'same') return { kind, etag: undefined, nextDueMs } as const;
  if (kind === 'failed') return { kind, reason: 'network', nextDueMs, notBeforeMs } as const;
  if (kind === 'unheard') return { kind, nextDueMs } as const;
  return { kind: 'handed-over' } as const;
}

function always(steps: fc.Arbitrary<Step[]>, law: (run: Run) => void): void {
  fc.assert(
    fc.property(steps, (taken) => law(new Run(taken))),
    { numRuns: 500 },
  );
}

describe('always', () => {
  it('a refused finish changes nothing, no due time is too far ahead, no etag without a grant', () => {
    // The run itself looks at each step.
    always(wild, ({ revisions }) => expect(revisions.length).toBeGreaterThan(0));
  });

  it('tokens strictly increase, whatever the clock does', () => {
    always(wild, ({ granted }) => {
      const tokens = granted.map(({ token }) => token);
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    });
  });

  it('a token is never behind the clock at its grant', () => {
    always(wild, ({ granted }) => {
      for (const { token, at } of granted) expect(token).toBeGreaterThanOrEqual(at);
    });
  });

  it('a claim ends at most once, and in the order of the grants', () => {
    always(wild, ({ accepted }) => {
      const tokens = accepted.map(({ token }) => token);
      expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b));
    });
  });

  it('a claim that was accepted ended before the next was granted', () => {
    always(calm, ({ granted, accepted }) => {
      for (const { token, at } of accepted) {
        const next = granted.find((grant) => grant.token > token);
        expect(next?.at ?? Infinity).toBeGreaterThanOrEqual(at);
      }
    });
  });

  it('the stored revision never goes back, and is a token that was granted', () => {
    always(wild, ({ revisions, granted }) => {
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      const known = new Set([0, ...granted.map(({ token }) => token)]);
      expect(revisions.filter((revision) => !known.has(revision))).toEqual([]);
    });
  });

  it('nothing is granted while a lease lives, nor before the refresh is due', () => {
    always(wild, ({ granted }) => {
      expect(granted.filter(({ wasHeld, dueInMs }) => wasHeld || dueInMs > 0)).toEqual([]);
    });
  });

  it('after a finish, kicks and losses lead to no fetch sooner than the shortest gap', () => {
    always(calm, ({ granted, accepted }) => {
      for (const { token, at, nextDueMs } of accepted) {
        const next = granted.find((grant) => grant.token > token);
        const soonest = at + Math.min(shortestGapMs, nextDueMs);
        expect(next?.at ?? Infinity).toBeGreaterThanOrEqual(soonest);
      }
    });
  });

  it('what the source asked for is kept, whatever is kicked or lost', () => {
    always(calm, ({ granted, accepted }) => {
      for (const { token, at, notBeforeMs } of accepted) {
        const next = granted.find((grant) => grant.token > token);
        expect(next?.at ?? Infinity).toBeGreaterThanOrEqual(at + notBeforeMs);
      }
    });
  });
});

describe('the runs above', () => {
  it('have claims that are granted, ended, refused, and clocks that jump', () => {
    const runs = fc.sample(wild, { numRuns: 300, seed: 7 }).map((steps) => new Run(steps));
    const granted = runs.flatMap((run) => run.granted).length;
    const accepted = runs.flatMap((run) => run.accepted).length;
    expect(accepted).toBeGreaterThan(500);
    expect(granted - accepted).toBeGreaterThan(200);
  });
});
