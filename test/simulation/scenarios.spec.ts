/** The promises that one rule alone keeps. `mutants.spec.ts` shows that without the rule they break. */
import { expect, it } from '@jest/globals';
import { inThread } from '../support/in-thread.js';
import { scenarios, type ScenarioName } from './scenarios.js';

const table = new URL('scenarios.ts', import.meta.url);

it.each(Object.keys(scenarios) as ScenarioName[])('%s', async (name) => {
  expect(await inThread(table, 'holds', name)).toBe(true);
});
