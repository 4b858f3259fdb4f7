/** What the clients of one place have of each other: the definitions, and one fetch for all. */
import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import type { FlagDefinitionCacheData } from '../../core/definitions/flag-definitions.js';
import { assertHas } from './contract-assertions.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { definitionsOf, keyOf, type ProviderClient, type ProviderTrial } from './provider-place.js';

const FLEET = 10;

async function fleetOf(trial: ProviderTrial, size = FLEET): Promise<ProviderClient[]> {
  const fleet: ProviderClient[] = [];
  while (fleet.length < size) fleet.push(await trial.client());
  return fleet;
}

/** Both spellings, as PostHog and its older SDKs write them, and what nobody knows yet. */
const everything = {
  flags: [{ ...definitionsOf('v1').flags[0], of_tomorrow: { kept: ['é', 1, null] } }],
  group_type_mapping: { 0: 'company' },
  groupTypeMapping: { 0: 'company' },
  cohorts: { 7: { type: 'AND', values: [] } },
  property_matching_version: 2,
  propertyMatchingVersion: 2,
  minimal_flag_called_events: true,
  minimalFlagCalledEvents: true,
  of_tomorrow: 'kept',
};

const definitions: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'are undefined or null while there are none',
    run: async (trial) => {
      const client = await trial.client();
      strictEqual(await client.read(), undefined, 'getFlagDefinitions()');
    },
  },
  {
    name: 'come back to the one that stored them, and to the others',
    run: async (trial) => {
      const leader = await trial.client();
      const follower = await trial.client();
      strictEqual(await leader.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await leader.received(definitionsOf('v1'));
      strictEqual(keyOf(await leader.read()), 'v1', 'what the leader reads');
      await trial.time.eventually('what another reads', async () => {
        return keyOf(await follower.read()) === 'v1' || undefined;
      });
    },
  },
  {
    name: 'come back whole: both spellings, and fields that nobody knows yet',
    run: async (trial) => {
      const leader = await trial.client();
      const follower = await trial.client();
      strictEqual(await leader.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await leader.received(everything as unknown as FlagDefinitionCacheData);
      const read = await trial.time.eventually('what another reads', () => follower.read());
      assertHas(read, everything, 'what another reads');
    },
  },
  {
    name: 'are still there when the one that stored them has shut down',
    run: async (trial) => {
      const [leader, follower] = [await trial.client(), await trial.client()];
      strictEqual(await leader.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await leader.received(definitionsOf('v1'));
      await leader.shutdown();
      await trial.time.eventually('what another reads', async () => {
        return keyOf(await follower.read()) === 'v1' || undefined;
      });
    },
  },
  {
    name: 'are replaced by newer ones, for all, after an interval',
    needs: ['following'],
    run: async (trial) => {
      const fleet = await fleetOf(trial, 3);
      const [leader, ...followers] = fleet;
      await leader?.mayFetchWithin(0);
      await leader?.received(definitionsOf('v1'));
      await Promise.all(followers.map((one) => one.follows('v1')));
      await trial.time.pass(trial.intervalMs);
      await leader?.mayFetchWithin(trial.intervalMs);
      await leader?.received(definitionsOf('v2'));
      await Promise.all(followers.map((one) => one.follows('v2')));
    },
  },
];

const fetching: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'F19: is for one of many who ask at the same moment',
    needs: ['exclusive'],
    run: async (trial) => {
      const fleet = await fleetOf(trial);
      const answers = await Promise.all(fleet.map((one) => one.mayFetch()));
      strictEqual(answers.filter(Boolean).length, 1, 'clients that were told to fetch');
    },
  },
  {
    name: 'is for nobody else while one is at it, nor right after it',
    needs: ['exclusive'],
    run: async (trial) => {
      const [leader, ...others] = await fleetOf(trial, 4);
      const asked = async () => Promise.all(others.map((one) => one.mayFetch()));
      strictEqual(await leader?.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      deepStrictEqual(await asked(), [false, false, false], 'the others during the fetch');
      await leader?.received(definitionsOf('v1'));
      deepStrictEqual(await asked(), [false, false, false], 'the others after the fetch');
    },
  },
  {
    name: 'F01: is not freed by one that shuts down and was not at it',
    needs: ['exclusive'],
    run: async (trial) => {
      const [leader, leaving, other] = await fleetOf(trial, 3);
      strictEqual(await leader?.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      strictEqual(await leaving?.mayFetch(), false, 'that of the second');
      await leaving?.shutdown();
      strictEqual(await other?.mayFetch(), false, 'that of the third, after the second has left');
    },
  },
  {
    name: 'F57: is freed by the one that is at it and shuts down',
    needs: ['exclusive', 'handover'],
    run: async (trial) => {
      const [leader, next] = await fleetOf(trial, 2);
      strictEqual(await leader?.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await leader?.shutdown();
      await next?.mayFetchWithin(Math.min(trial.intervalMs, trial.takeoverMs));
    },
  },
  {
    name: 'F09: is another’s when the one that was at it has died',
    needs: ['takeover'],
    run: async (trial) => {
      const [died, next] = await fleetOf(trial, 2);
      strictEqual(await died?.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await next?.mayFetchWithin(trial.takeoverMs);
      await next?.received(definitionsOf('v1'));
      strictEqual(keyOf(await next?.read()), 'v1', 'what the second reads');
    },
  },
  {
    name: 'F03: that comes to its end too late overwrites nothing newer',
    needs: ['takeover', 'ordered'],
    run: async (trial) => {
      const [slow, fast, reader] = await fleetOf(trial, 3);
      strictEqual(await slow?.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await trial.time.pass(trial.takeoverMs);
      await fast?.mayFetchWithin(trial.takeoverMs);
      await fast?.received(definitionsOf('new'));
      await slow?.received(definitionsOf('old'));
      strictEqual(keyOf(await reader?.read()), 'new', 'what another reads');
    },
  },
];

export const providerSharing: readonly CaseGroup<ProviderTrial>[] = [
  { title: 'the definitions', cases: definitions },
  { title: 'the right to fetch', cases: fetching },
];
