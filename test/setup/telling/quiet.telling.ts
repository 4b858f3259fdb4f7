/** Beside the other one, so that jest runs both in workers, as it does the suite. */
import { expect, it } from '@jest/globals';
import { KeptLog } from '../../support/kept-log.js';

it('tells nothing', () => {
  const log = new KeptLog();
  log.warn('nothing of note');
  expect(log.warned).toHaveLength(1);
});
