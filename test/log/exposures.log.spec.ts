/** One line when it begins and one when it is over; what flips does not fill the log. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ExposuresLog } from '../../lib/log/exposures.log.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { KeptLog } from '../support/kept-log.js';

let kept: KeptLog;
let log: ExposuresLog;

beforeEach(() => {
  kept = new KeptLog();
  log = new ExposuresLog(kept, 'PostHog at https://x.test', new ManualClock());
});

describe('the log', () => {
  it('says at start where exposures go, and when', () => {
    const end = { description: 'x' };
    log.opened({ batchSize: 100, batchDelayMs: 5_000 }, end, end);
    log.opened(undefined, end, end);
    expect(kept.logged).toEqual([
      'Exposures go to PostHog at https://x.test, up to 100 at once, after 5000 ms at the latest: who was first shown which value of a flag.',
      'Exposures go to PostHog at https://x.test, each at once: who was first shown which value of a flag.',
    ]);
  });

  it('says what is the matter, why probably, and when it is over', () => {
    log.troubled({ kind: 'full', room: 10 });
    log.troubled({ kind: 'has-room', dropped: 1 });
    log.troubled({ kind: 'failed', error: new Error('HTTP 503.') });
    log.troubled({ kind: 'works', lost: 20 });
    log.troubled({ kind: 'cut-off', lost: 3 });
    expect(kept.warned).toEqual([
      'Exposures are dropped: 10 wait for PostHog at https://x.test already. Probably it is slow or away, or more come than it takes. Evaluation goes on. This is said once until there is room again.',
      'Exposures are lost, PostHog at https://x.test did not take them: HTTP 503. Evaluation goes on. This is said once until it works again.',
      'The app ends, and 3 exposures were not sent to PostHog at https://x.test in time (exposures.flushTimeoutMs).',
    ]);
    expect(kept.logged).toEqual([
      'Exposures are taken again; 1 was dropped.',
      'PostHog at https://x.test takes exposures again; 20 were lost.',
    ]);
  });

  it('does not say that something is over whose beginning it has not told', () => {
    for (let n = 0; n < 50; n += 1) {
      log.troubled({ kind: 'failed', error: new Error('no.') });
      log.troubled({ kind: 'works', lost: 1 });
      log.troubled({ kind: 'full', room: 1 });
      log.troubled({ kind: 'has-room', dropped: 2 });
    }
    expect([kept.warned.length, kept.logged.length]).toEqual([10, 10]);
  });
});
