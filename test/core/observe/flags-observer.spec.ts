import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { FlagsEvent } from '../../../lib/core/observe/flags-event.js';
import { fanOut } from '../../../lib/core/observe/flags-observer.js';

const event: FlagsEvent = { type: 'definitions-rejected', where: 'source', message: 'no' };

it('F61: an observer that throws breaks neither the others nor the cycle, and is named once', () => {
  const heard: string[] = [];
  const broken = {
    onEvent: () => {
      throw new Error('observer bug');
    },
  };
  const reported: unknown[] = [];
  const all = fanOut([broken, { onEvent: ({ type }) => heard.push(type) }], (observer, error) =>
    reported.push([observer, String(error)]),
  );
  all.onEvent(event);
  all.onEvent(event);

  expect(heard).toEqual(['definitions-rejected', 'definitions-rejected']);
  expect(reported).toEqual([[broken, 'Error: observer bug']]);
});

it('F60: an observer that is async and rejects is named once, and no rejection is left over', async () => {
  const broken = { onEvent: () => Promise.reject(new Error('observer bug')) as unknown as void };
  const reported: unknown[] = [];
  const leftOver: unknown[] = [];
  const hear = (reason: unknown): void => void leftOver.push(reason);
  process.on('unhandledRejection', hear);
  const all = fanOut([broken], (observer, error) => reported.push([observer, String(error)]));
  all.onEvent(event);
  all.onEvent(event);
  await setImmediate();
  await setImmediate();
  process.off('unhandledRejection', hear);

  expect(reported).toEqual([[broken, 'Error: observer bug']]);
  expect(leftOver).toEqual([]);
});

it('breaks nothing when whoever hears of it throws as well', () => {
  const throwing = {
    onEvent: () => {
      throw new Error('observer bug');
    },
  };
  const all = fanOut([throwing], () => {
    throw new Error('logger bug');
  });

  expect(() => all.onEvent(event)).not.toThrow();
});
