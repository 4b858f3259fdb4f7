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
