/** The promises that one rule alone keeps. `mutants.spec.ts` shows that without the rule they break. */
import { expect, it } from '@jest/globals';
import { scenarios, type ScenarioName } from './scenarios.js';

it.each(Object.keys(scenarios) as ScenarioName[])('%s', async (name) => {
  expect(await scenarios[name]()).toBe(true);
});
