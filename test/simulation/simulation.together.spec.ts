import { expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkedBeside } from './checked-runs.js';
import { simulate } from './simulate.js';
import { describeMixes, firstSeed, groups } from './simulated-mixes.js';

describeMixes('together');

it('is the same fleet each time that it is run from one seed', async () => {
  const run = { mix: 'chaos', seed: firstSeed } as const;
  const [first, second] = [await simulate(run), await simulate(run)];
  expect(first.trace).toEqual(second.trace);
  expect(first.trace.length).toBeGreaterThan(100);
});

it('holds what a newcomer fetched beside a record that it could not read', async () => {
  const { violations } = await simulate({ mix: 'chaos', seed: 701_200 });
  expect(violations).toEqual([]);
});

it.each([...new Set(Object.values(groups))])(
  'has a file for the mixes of the group %s',
  (group) => {
    const path = fileURLToPath(new URL(`simulation.${group}.spec.ts`, import.meta.url));
    expect(existsSync(path)).toBe(true);
  },
);

it('sees in a thread of its own what it sees here, also what is wrong', async () => {
  // An interval that nobody was promised: the fleet asks more often than the checks allow.
  const run = { mix: 'denial', seed: 3, mutations: { settings: { cacheTimeoutMs: 1 } } } as const;
  const { violations } = await simulate(run);
  const [report] = await checkedBeside([run]);
  expect(violations.length).toBeGreaterThan(0);
  expect(report?.violations).toEqual(violations);
});
