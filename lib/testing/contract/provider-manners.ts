/** How a provider behaves at its end and in trouble, and what its optional methods do. */
import { ok, strictEqual } from 'node:assert/strict';
import {
  assertFlagDefinitionCacheProvider,
  type FlagDefinitionCacheProvider,
} from '../../core/cache/flag-definition-cache-provider.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import type { ContractTime } from './contract-time.js';
import { definitionsOf, keyOf, type ProviderTrial } from './provider-place.js';

type Call = (provider: FlagDefinitionCacheProvider) => unknown;

const calls: readonly (readonly [name: string, call: Call])[] = [
  ['shouldFetchFlagDefinitions()', (provider) => provider.shouldFetchFlagDefinitions()],
  ['getFlagDefinitions()', (provider) => provider.getFlagDefinitions()],
  [
    'onFlagDefinitionsReceived()',
    (provider) => provider.onFlagDefinitionsReceived(definitionsOf('v2')),
  ],
  ['shutdown()', (provider) => provider.shutdown()],
];

/**
 * Waits until the call is over, well or not. A method that has promised once must go on to: one
 * that then throws breaks callers that only wait for a promise.
 */
async function over(
  time: ContractTime,
  [name, call]: (typeof calls)[number],
  provider: FlagDefinitionCacheProvider,
): Promise<void> {
  let answer: unknown;
  try {
    answer = call(provider);
  } catch (error) {
    const isAsync = promising.get(provider)?.has(name) ?? false;
    ok(!isAsync, `${name} threw instead of rejecting: ${String(error)}`);
    ok(error instanceof Error, `what ${name} threw is no Error`);
    return;
  }
  if (!isPromiseLike(answer)) return;
  promising.set(provider, (promising.get(provider) ?? new Set()).add(name));
  await time.answer(name, () =>
    Promise.resolve(answer).then(
      () => undefined,
      (error: unknown) => ok(error instanceof Error, `what ${name} rejected with is no Error`),
    ),
  );
}

/** Which methods of a provider have answered with a promise. */
const promising = new WeakMap<object, Set<string>>();

function isPromiseLike(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}

const shape: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'has the four methods, and of the optional ones only what can be called',
    run: async (trial) => assertFlagDefinitionCacheProvider(await trial.place.another()),
  },
  {
    name: 'lets who asks twice lead as well as who asks once',
    run: async (trial) => {
      const client = await trial.client();
      const first = await client.mayFetch();
      const second = await client.mayFetch();
      ok(first || second, 'shouldFetchFlagDefinitions() said false twice where nobody else is');
      await client.received(definitionsOf('v1'));
      strictEqual(keyOf(await client.read()), 'v1', 'what it reads');
    },
  },
];

const end: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'comes as often as it is asked for, also when nothing ever happened',
    run: async (trial) => {
      const client = await trial.client();
      await client.shutdown();
      await client.shutdown();
      const leader = await trial.client();
      await leader.mayFetch();
      await Promise.all([leader.shutdown(), leader.shutdown()]);
      await leader.shutdown();
    },
  },
  {
    name: 'lets no later call hang, and throws nothing where a promise was',
    run: async (trial) => {
      const provider = await trial.place.another();
      for (const call of calls) await over(trial.time, call, provider);
      for (const call of calls) await over(trial.time, call, provider);
    },
  },
];

const outage: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'F26: lets no call hang, and throws nothing where a promise was',
    needs: ['bounded', 'stopServer', 'startServer'],
    run: async ({ place, time }) => {
      const provider = await place.another();
      for (const call of calls.slice(0, -1)) await over(time, call, provider);
      await place.stopServer?.();
      try {
        for (const call of calls) await over(time, call, provider);
      } finally {
        await place.startServer?.();
      }
    },
  },
  {
    name: 'ends, and definitions are shared again',
    needs: ['bounded', 'stopServer', 'startServer'],
    run: async (trial) => {
      const { place, time, intervalMs, takeoverMs } = trial;
      const leader = await trial.client();
      await leader.mayFetchWithin(0);
      await place.stopServer?.();
      await leader.mayFetch().catch(() => undefined);
      await place.startServer?.();
      const next = await trial.client();
      await next.mayFetchWithin(Math.max(intervalMs, takeoverMs));
      await next.received(definitionsOf('after'));
      const reader = await trial.client();
      await time.eventually('what another reads', async () => {
        return keyOf(await reader.read()) === 'after' || undefined;
      });
    },
  },
];

const options: readonly ContractCase<ProviderTrial>[] = [
  {
    name: 'watch(), where there is one, tells of a publication, until it is left',
    run: async (trial) => {
      const leader = await trial.client();
      const follower = await trial.client();
      let hints = 0;
      const unsubscribe = follower.provider.watch?.(() => (hints += 1));
      if (unsubscribe === undefined) return;
      await leader.mayFetchWithin(0);
      await leader.received(definitionsOf('v1'));
      await trial.time.eventually('a hint', async () => hints > 0 || undefined);
      unsubscribe();
      unsubscribe();
    },
  },
  {
    name: 'onFlagDefinitionsConfirmed(), where there is one, keeps what is shared',
    run: async (trial) => {
      const leader = await trial.client();
      const follower = await trial.client();
      if (leader.provider.onFlagDefinitionsConfirmed === undefined) return;
      await leader.mayFetchWithin(0);
      await leader.received(definitionsOf('v1'));
      await leader.mayFetchWithin(2 * trial.intervalMs);
      await trial.time.answer('onFlagDefinitionsConfirmed()', () =>
        leader.provider.onFlagDefinitionsConfirmed?.(),
      );
      strictEqual(keyOf(await follower.read()), 'v1', 'what another reads');
    },
  },
  {
    name: 'onFetchFailed(), where there is one, lets another fetch soon',
    needs: ['exclusive'],
    run: async (trial) => {
      const leader = await trial.client();
      const next = await trial.client();
      if (leader.provider.onFetchFailed === undefined) return;
      strictEqual(await leader.mayFetch(), true, 'shouldFetchFlagDefinitions() of the first');
      await trial.time.answer('onFetchFailed()', () =>
        leader.provider.onFetchFailed?.({ code: 'network', message: 'for a test' }),
      );
      await next.mayFetchWithin(Math.min(trial.intervalMs, trial.takeoverMs));
    },
  },
];

export const providerManners: readonly CaseGroup<ProviderTrial>[] = [
  { title: 'a provider', cases: shape },
  { title: 'its end', cases: end },
  { title: 'an outage', cases: outage },
  { title: 'the optional method', cases: options },
];
