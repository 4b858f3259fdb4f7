/** What is said of remote evaluation: its edges, and what has none a few times. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { RemoteLog } from '../../lib/log/remote.log.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { KeptLog } from '../support/kept-log.js';
import { failure, flags } from '../support/scripted-remote.js';

let clock: ManualClock;
let kept: KeptLog;
let log: RemoteLog;

beforeEach(() => {
  clock = new ManualClock();
  kept = new KeptLog();
  log = new RemoteLog(kept, clock);
});

describe('the log of remote evaluation', () => {
  it('says at start how long last known answers are served, and when', () => {
    const settings = { ttlMs: 300_000, staleTtlMs: 3_600_000 };
    log.fallbackOpened('memory', { ...settings, serveFresh: false });
    log.fallbackOpened('memory', { ...settings, serveFresh: true });
    expect(kept.logged).toEqual([
      'Last known answers are kept in the fallback cache (memory): each is served for 60 min where remote evaluation fails.',
      'Last known answers are kept in the fallback cache (memory): each is served for 60 min where remote evaluation fails, and instead of asking for 5 min.',
    ]);
  });

  it('says once that it fails, and once that it works again, how often and for how long', async () => {
    for (let i = 0; i < 5; i += 1) log.answered(failure());
    await clock.advance(7_000);
    for (let i = 0; i < 5; i += 1) log.answered(flags({}));
    expect(kept.warned).toHaveLength(1);
    expect(kept.logged).toEqual([expect.stringMatching(/5 times there was no answer, in 7 s/)]);
  });

  it('says once that not all could be computed, until all can', () => {
    for (let i = 0; i < 5; i += 1) log.answered(flags({}, false));
    expect(kept.warned).toEqual([expect.stringMatching(/could not compute all flags/)]);
    log.answered(flags({}));
    log.answered(flags({}, false));
    expect(kept.warned).toHaveLength(2);
  });

  it('says of a context that cannot be sent that it cannot, a few times', () => {
    for (let i = 0; i < 100; i += 1) log.answered(failure('invalid-question'));
    expect(kept.warned).toHaveLength(10);
    expect(kept.warned[0]).toContain('invalid-question');
  });

  it('does not take such a context for a server that fails', () => {
    log.answered(failure('invalid-question'));
    log.answered(flags({}));
    expect(kept.logged).toEqual([]);
  });

  it('does not fill up with what flips', () => {
    for (let i = 0; i < 1_000; i += 1) log.answered(i % 2 === 0 ? failure() : flags({}));
    expect(kept.warned.length + kept.logged.length).toBeLessThanOrEqual(20);
  });

  it('says nothing of the end of the app', () => {
    log.answered(failure('closed'));
    expect(kept.warned).toEqual([]);
  });
});
