import { describe, expect, it } from '@jest/globals';
import type { FetchFailure } from '../lib/core/definitions/definition-source.js';
import type { FlagsEvent } from '../lib/core/observe/flags-event.js';
import type { CacheFailure, TurnResult } from '../lib/core/refresh/refresh-outcome.js';
import { FlagsHealth, type FlagsHealthParts } from '../lib/flags.health.js';
import { ManualClock } from '../lib/testing/manual-clock.js';

const failed = (code: FetchFailure['code'], message = ''): TurnResult => ({
  kind: 'failed',
  role: 'leader',
  failure: { code, message },
});
const unchanged: TurnResult = { kind: 'unchanged', revision: 1 };
const away: TurnResult = { kind: 'waiting', why: 'cache-unavailable' };

/** A health whose turns are told by the test. */
class Told {
  readonly clock = new ManualClock();
  readonly events: FlagsEvent[] = [];
  private status: ReturnType<FlagsHealthParts['cycle']['status']> = {
    lastOutcome: undefined,
    ageMs: undefined,
    sourceFailure: undefined,
  };
  readonly health = new FlagsHealth({
    cycle: { status: () => this.status },
    clock: this.clock,
    initialLoadTimeoutMs: 3_000,
    intervalMs: 30_000,
    observer: { onEvent: (event) => this.events.push(event) },
  });

  /** @param sourceFailure as the fleet has it; that of the turn itself if it failed. */
  turn(
    result: TurnResult,
    ageMs: number | undefined,
    {
      sourceFailure = result.kind === 'failed' ? result.failure.code : undefined,
      cacheFailures = [],
    }: {
      readonly sourceFailure?: FetchFailure['code'] | undefined;
      readonly cacheFailures?: readonly CacheFailure[];
    } = {},
  ): this {
    const outcome = { ...result, cacheFailures, durationMs: 1 };
    this.status = { lastOutcome: outcome, ageMs, sourceFailure };
    this.health.onEvent({ type: 'turn-finished', outcome, sourceFailure });
    return this;
  }
}

it.each<[string, TurnResult | undefined, number | undefined, number]>([
  ['starting', undefined, undefined, 0],
  ['empty', failed('timeout'), undefined, 3_000],
  ['fresh', unchanged, 90_000, 0],
  ['fresh', failed('timeout'), 60_000, 0],
  ['stale', failed('timeout'), 90_001, 0],
  ['expired', failed('unauthorized'), 3_600_001, 0],
  ['denied', failed('unauthorized'), 60_000, 0],
  ['poisoned', failed('invalid-definitions'), 60_000, 0],
  ['poisoned', { kind: 'waiting', why: 'cache-rejected' }, 60_000, 0],
  ['solo', away, 60_000, 0],
  ['solo', { kind: 'confirmed', role: 'solo', revision: 1 }, 60_000, 0],
  ['fresh', { kind: 'waiting', why: 'cache-empty' }, 60_000, 0],
])('%s after %j at the age of %p', async (state, last, ageMs, sinceMs) => {
  const told = new Told();
  if (last !== undefined) told.turn(last, ageMs);
  await told.clock.advance(sinceMs);
  expect(told.health.state()).toBe(state);
});

it('is denied at an instance that only follows, when the source refuses another', () => {
  const { health } = new Told().turn(unchanged, 60_000, { sourceFailure: 'unauthorized' });
  expect(health.state()).toBe('denied');
});

describe('a change of the state', () => {
  it('is told once, with what was before, for how long, and what failed', async () => {
    const told = new Told().turn(unchanged, 0);
    await told.clock.advance(60_000);
    const refused = failed('unauthorized', 'The key was refused.');
    told.turn(refused, 60_000).turn(refused, 60_000);

    expect(told.events).toEqual([
      expect.objectContaining({ from: 'starting', to: 'fresh', failure: undefined }),
      {
        type: 'health-changed',
        from: 'fresh',
        to: 'denied',
        lastedMs: 60_000,
        ageMs: 60_000,
        failure: { where: 'source', code: 'unauthorized', message: 'The key was refused.' },
      },
    ]);
  });

  it('by age alone shows at the next turn, and names no failure that is over', async () => {
    const told = new Told().turn(failed('timeout'), 1).turn(unchanged, 1).turn(unchanged, 90_001);
    expect(told.events.at(-1)).toMatchObject({ to: 'stale', failure: undefined });
  });

  it('is not told by a turn that the shutdown has ended', () => {
    const told = new Told().turn({ kind: 'closed' }, 0);
    expect(told.events).toEqual([]);
  });

  it('to solo names the cache, though the source fails as well', () => {
    const cacheFailures = [{ step: 'shouldFetch', message: 'No connection.' } as const];
    const told = new Told().turn(away, 60_000, { sourceFailure: 'timeout', cacheFailures });
    expect(told.events.at(-1)).toMatchObject({
      to: 'solo',
      failure: { where: 'cache', code: 'shouldFetch', message: 'No connection.' },
    });
  });
});

describe('the last error', () => {
  it('is none before anything has failed', () => {
    expect(new Told().turn(unchanged, 0).health.lastError).toBeUndefined();
  });

  it('says what failed, where, when, and that it is over', async () => {
    const told = new Told().turn(failed('timeout', 'Too slow.'), 0);
    await told.clock.advance(40);
    const error = { where: 'source', code: 'timeout', message: 'Too slow.', agoMs: 40 };
    expect(told.health.lastError).toEqual({ ...error, isOver: false });
    told.turn(unchanged, 0);
    expect(told.health.lastError).toEqual({ ...error, isOver: true });
  });

  it('of another instance is known by its kind', () => {
    const { health } = new Told().turn(unchanged, 0, { sourceFailure: 'quota-exceeded' });
    expect(health.lastError).toMatchObject({
      code: 'quota-exceeded',
      message: expect.stringContaining('Another instance'),
    });
  });

  it('keeps the message of this instance while the fleet goes on failing so', () => {
    const told = new Told().turn(failed('unauthorized', 'The key was refused.'), 0);
    told.turn(unchanged, 0, { sourceFailure: 'unauthorized' });
    expect(told.health.lastError?.message).toBe('The key was refused.');
  });

  it('is that of the cache when it is the later one', async () => {
    const told = new Told().turn(failed('timeout'), 0);
    await told.clock.advance(1);
    told.turn(unchanged, 0, { cacheFailures: [{ step: 'publish', message: 'Full.' }] });
    expect(told.health.lastError).toMatchObject({ where: 'cache', code: 'publish' });
  });

  it('is that of the source where the cache is away as well, also between two fetches', () => {
    const told = new Told();
    // A real clock goes on between any two looks at it.
    let nowMs = 0;
    told.clock.monotonicMs = () => (nowMs += 0.001);
    const cacheFailures = [{ step: 'shouldFetch', message: 'No connection.' }] as const;
    told.turn({ ...failed('network', 'No route.'), role: 'solo' } as TurnResult, undefined, {
      sourceFailure: 'network',
      cacheFailures,
    });
    expect(told.health.lastError).toMatchObject({ where: 'source', message: 'No route.' });
    told.turn(away, undefined, { sourceFailure: 'network', cacheFailures });
    expect(told.health.lastError).toMatchObject({ where: 'source', message: 'No route.' });
  });

  it('says why a shared copy was refused', () => {
    const told = new Told();
    const message = 'The document has no list of flags.';
    told.health.onEvent({ type: 'definitions-rejected', where: 'cache', message });
    told.turn({ kind: 'waiting', why: 'cache-rejected' }, 0);
    expect(told.health.lastError).toMatchObject({ where: 'cache', code: 'invalid-definitions', message }); // prettier-ignore
  });
});
