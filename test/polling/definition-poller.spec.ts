import { beforeEach, describe, expect, it } from '@jest/globals';
import { SchedulerRegistry } from '@nestjs/schedule';
import { DefinitionPoller, POLLER_NAME } from '../../lib/polling/definition-poller.js';
import type { PushTrouble } from '../../lib/core/cache/record-store.js';
import type { RefreshOutcome } from '../../lib/core/refresh/refresh-outcome.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';

let clock: ManualClock;
let registry: SchedulerRegistry;
let hint: () => void;
let unsubscribed: number;

beforeEach(() => {
  clock = new ManualClock();
  registry = new SchedulerRegistry();
  unsubscribed = 0;
});

/** A cycle whose turns take as long as the test says. */
class SlowCycle {
  nextTurnMs = 30_000;
  turnMs = 0;
  began: number[] = [];
  running = 0;
  mostRunning = 0;

  async turn(): Promise<RefreshOutcome> {
    this.began.push(clock.monotonicMs());
    this.running += 1;
    this.mostRunning = Math.max(this.mostRunning, this.running);
    await new Promise<void>((resolve) => void clock.setTimer(this.turnMs, resolve));
    this.running -= 1;
    return { kind: 'closed', cacheFailures: [], durationMs: this.turnMs };
  }
}

function pollerOf(cycle: SlowCycle, withRegistry = true): DefinitionPoller {
  const watched = {
    watch: (onChanged: () => void) => {
      hint = onChanged;
      return () => void (unsubscribed += 1);
    },
  };
  return new DefinitionPoller({
    cycle,
    clock,
    registry: withRegistry ? registry : undefined,
    watched: [watched, {}],
  });
}

describe('the poller', () => {
  it.each([true, false])(
    'takes a turn after each delay of the cycle (registry: %s)',
    async (has) => {
      const cycle = new SlowCycle();
      const poller = pollerOf(cycle, has);
      poller.start();
      poller.start();
      await clock.advance(90_500);
      await poller.stop();

      expect(cycle.began).toEqual([30_000, 60_000, 90_000]);
    },
  );

  it('F22: starts no turn while another runs, and counts the delay from its end', async () => {
    const cycle = new SlowCycle();
    cycle.turnMs = 45_000;
    pollerOf(cycle).start();
    await clock.advance(200_000);

    expect(cycle.mostRunning).toBe(1);
    expect(cycle.began).toEqual([30_000, 105_000, 180_000]);
  });

  it('stands in the registry under its stable name, and leaves it on stop', async () => {
    const poller = pollerOf(new SlowCycle());
    poller.start();
    expect(registry.getIntervals()).toEqual([POLLER_NAME]);
    await poller.stop();

    expect(registry.getIntervals()).toEqual([]);
  });

  it('ends when the app deletes it from the registry', async () => {
    const cycle = new SlowCycle();
    pollerOf(cycle).start();
    await clock.advance(30_000);
    registry.deleteInterval(POLLER_NAME);
    await clock.advance(300_000);

    expect(cycle.began).toEqual([30_000]);
    expect(clock.timers).toBe(0);
    expect(unsubscribed).toBe(1);
  });

  it('stops also after the app has emptied the registry', async () => {
    const poller = pollerOf(new SlowCycle());
    poller.start();
    registry.deleteInterval(POLLER_NAME);

    await expect(poller.stop()).resolves.toBeUndefined();
  });

  it('a second poller of the same app gets a name of its own', () => {
    pollerOf(new SlowCycle()).start();
    pollerOf(new SlowCycle()).start();

    expect(registry.getIntervals()).toEqual([POLLER_NAME, `${POLLER_NAME}:2`]);
  });

  it('waits on stop for the turn in flight and plans none after it', async () => {
    const cycle = new SlowCycle();
    cycle.turnMs = 5_000;
    const poller = pollerOf(cycle);
    poller.start();
    await clock.advance(30_000);
    let stopped = false;
    void poller.stop().then(() => (stopped = true));
    await clock.advance(4_000);
    expect(stopped).toBe(false);
    await clock.advance(1_000);

    expect(stopped).toBe(true);
    expect(clock.timers).toBe(0);
    expect(unsubscribed).toBe(1);
  });
});

describe('a watch that is not heard any more', () => {
  it('says so, and that it is over, to who wants to know', () => {
    const told: PushTrouble[] = [];
    const troubles: PushTrouble[] = [
      { kind: 'failed', message: 'Nothing is heard.' },
      { kind: 'recovered' },
    ];
    const deaf = {
      watch: (_onChanged: () => void, onTrouble?: (trouble: PushTrouble) => void) => {
        for (const trouble of troubles) onTrouble?.(trouble);
        return () => undefined;
      },
    };
    const cycle = new SlowCycle();
    const onPushTrouble = (trouble: PushTrouble): void => void told.push(trouble);
    new DefinitionPoller({ cycle, clock, registry, watched: [deaf], onPushTrouble }).start();
    expect(told).toEqual(troubles);
  });
});

describe('a watch that throws', () => {
  it('is told, and neither stops the polling nor the end of it', async () => {
    const cycle = new SlowCycle();
    const told: string[] = [];
    const broken = {
      watch: () => {
        throw new Error('not connected');
      },
    };
    const half = {
      watch: () => () => {
        throw new Error('already closed');
      },
    };
    const poller = new DefinitionPoller({
      cycle,
      clock,
      registry,
      watched: [broken, half],
      onWatchFailed: (error) => told.push(String(error)),
    });
    poller.start();
    await clock.advance(30_000);
    await poller.stop();

    expect(cycle.began).toEqual([30_000]);
    expect(told).toEqual(['Error: not connected', 'Error: already closed']);
    expect(registry.getIntervals()).toEqual([]);
  });
});

describe('a hint', () => {
  it('brings the next turn forward', async () => {
    const cycle = new SlowCycle();
    pollerOf(cycle).start();
    await clock.advance(1_000);
    hint();
    await clock.advance(10);

    expect(cycle.began).toEqual([1_000]);
    await clock.advance(30_000);
    expect(cycle.began).toEqual([1_000, 31_000]);
  });

  it('that comes right after a planned turn does not wait', async () => {
    const cycle = new SlowCycle();
    pollerOf(cycle).start();
    await clock.advance(30_000);
    await clock.advance(10);
    hint();
    await clock.advance(10);

    expect(cycle.began).toEqual([30_000, 30_010]);
  });

  it('that comes during a planned turn is answered as soon as that has ended', async () => {
    const cycle = new SlowCycle();
    cycle.turnMs = 100;
    pollerOf(cycle).start();
    await clock.advance(30_010);
    hint();
    await clock.advance(100);

    expect(cycle.began).toEqual([30_000, 30_100]);
  });

  it('F25: hints that come in a burst are answered by few turns, and the last one is never lost', async () => {
    const cycle = new SlowCycle();
    cycle.turnMs = 100;
    pollerOf(cycle).start();
    for (let n = 0; n < 100; n += 1) {
      hint();
      await clock.advance(10);
    }
    const lastHintAt = clock.monotonicMs() - 10;
    await clock.advance(1_000);

    expect(cycle.began.length).toBeLessThanOrEqual(6);
    expect(cycle.began.at(-1)!).toBeGreaterThanOrEqual(lastHintAt);
    expect(cycle.mostRunning).toBe(1);
  });

  it('after stop does nothing', async () => {
    const cycle = new SlowCycle();
    const poller = pollerOf(cycle);
    poller.start();
    await poller.stop();
    hint();
    await clock.advance(60_000);

    expect(cycle.began).toEqual([]);
  });
});
