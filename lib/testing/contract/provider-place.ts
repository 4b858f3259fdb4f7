/**
 * A place that cache providers share, as their contract wants to have it, and one client of theirs:
 * it polls as posthog-node does, asking first who fetches and reading only when it is not the one.
 */
import { ok, strictEqual } from 'node:assert/strict';
import type {
  Awaitable,
  FlagDefinitionCacheProvider,
} from '../../core/cache/flag-definition-cache-provider.js';
import type { FlagDefinitionCacheData } from '../../core/definitions/flag-definitions.js';
import type { ContractRunner } from './contract-runner.js';
import { ContractTime, DEFAULT_PATIENCE_MS } from './contract-time.js';

/** One place, that no other case uses. The hooks are optional: see {@link ProviderContractOptions}. @publicApi */
export interface ProviderPlace {
  /** Another provider at the same place: as independent as that of another process. */
  another(): Awaitable<FlagDefinitionCacheProvider>;
  /** Shuts down what is still open, and removes what was written. */
  close(): Awaitable<void>;
  /** Lets time pass for the place and its providers. Without it, the cases wait in real time. */
  advanceMs?(ms: number): Awaitable<void>;
  /** Whatever keeps the place stops answering. */
  stopServer?(): Awaitable<void>;
  /** It answers again; what it kept may be lost. */
  startServer?(): Awaitable<void>;
}

export const providerHooks = ['advanceMs', 'stopServer', 'startServer'] as const;

/**
 * What PostHog's contract leaves to a provider. `exclusive`: one of many is told to fetch.
 * `handover`: who shuts down while it is to fetch lets another. `takeover`: another may fetch when
 * the one that was to fetch has died. `ordered`: what comes late overwrites nothing newer.
 * `bounded`: every call is answered in time, also when the place is not. `following`: who is not to
 * fetch reads what another has stored, while that is fresh.
 * @publicApi
 */
export type ProviderPromise =
  'exclusive' | 'handover' | 'takeover' | 'ordered' | 'bounded' | 'following';

/** @publicApi */
export interface ProviderContractOptions {
  /** @default the global `describe` and `it` */
  readonly runner?: ContractRunner;
  /**
   * Hooks that the place does not have and promises that the provider does not make, each with the
   * reason: what needs them is not asked. A hook that is neither there nor named here is a failure.
   * @default none
   */
  readonly lacks?: Partial<Record<(typeof providerHooks)[number] | ProviderPromise, string>>;
  /** After how long somebody fetches again, in milliseconds. @default 30_000 */
  readonly intervalMs?: number;
  /** After how long another may fetch when the one that was to has died. @default 60_000 */
  readonly takeoverMs?: number;
  /** How long a case waits for what must come, in milliseconds. @default 4_000 */
  readonly patienceMs?: number;
}

/** What a case has in its hands. */
export interface ProviderTrial {
  readonly place: ProviderPlace;
  readonly time: ContractTime;
  readonly intervalMs: number;
  readonly takeoverMs: number;
  client(): Promise<ProviderClient>;
}

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TAKEOVER_MS = 60_000;

/** The times are what the options say, or what the place can bear without a clock in hand. */
export function providerTrial(
  place: ProviderPlace,
  options: ProviderContractOptions,
): ProviderTrial {
  const { patienceMs = DEFAULT_PATIENCE_MS } = options;
  const { intervalMs = DEFAULT_INTERVAL_MS, takeoverMs = DEFAULT_TAKEOVER_MS } = options;
  const time = new ContractTime(place, patienceMs);
  const client = async (): Promise<ProviderClient> =>
    new ProviderClient(await place.another(), time);
  return { place, time, intervalMs, takeoverMs, client };
}

export class ProviderClient {
  constructor(
    readonly provider: FlagDefinitionCacheProvider,
    private readonly time: ContractTime,
  ) {}

  async mayFetch(): Promise<boolean> {
    const answer = await this.time.answer('shouldFetchFlagDefinitions()', () =>
      this.provider.shouldFetchFlagDefinitions(),
    );
    strictEqual(typeof answer, 'boolean', `shouldFetchFlagDefinitions() answered ${answer}`);
    return answer;
  }

  /** Asks again until it is told to fetch. */
  async mayFetchWithin(ms: number): Promise<void> {
    const { time } = this;
    const stepMs = Math.max(1, Math.min(ms / 10, 1_000));
    const steps = Math.ceil((ms + (time.isInHand ? 0 : time.patienceMs)) / stepMs);
    for (let step = 0; step <= steps; step += 1) {
      if (await this.mayFetch()) return;
      await time.pass(stepMs);
    }
    throw new Error(`shouldFetchFlagDefinitions() has not said true within ${ms} ms`);
  }

  async received(data: FlagDefinitionCacheData): Promise<void> {
    await this.time.answer('onFlagDefinitionsReceived()', () =>
      this.provider.onFlagDefinitionsReceived(structuredClone(data)),
    );
  }

  /** Undefined for nothing, however that is said. */
  async read(): Promise<FlagDefinitionCacheData | undefined> {
    const found = await this.time.answer('getFlagDefinitions()', () =>
      this.provider.getFlagDefinitions(),
    );
    if (found === undefined || found === null) return undefined;
    ok(Array.isArray(found.flags), 'getFlagDefinitions() answered something without flags');
    return found;
  }

  /** Polls until it reads the definitions with this flag. */
  async follows(key: string): Promise<void> {
    await this.time.eventually(`a follower that reads ${key}`, async () => {
      if (await this.mayFetch()) throw new Error(toldToFetch);
      return keyOf(await this.read()) === key || undefined;
    });
  }

  async shutdown(): Promise<void> {
    await this.time.answer('shutdown()', () => this.provider.shutdown());
  }
}

const toldToFetch =
  'a follower was told to fetch while the definitions were fresh. If the time after which the provider lets somebody fetch again, or its lock, can run out during a case, make it longer in the test and say it with the options intervalMs and takeoverMs';

/** Definitions with one flag, on for everybody. */
export function definitionsOf(key: string): FlagDefinitionCacheData {
  const groups = [{ properties: [], rollout_percentage: 100 }];
  return {
    flags: [{ id: 1, key, active: true, filters: { groups } }],
    group_type_mapping: {},
    cohorts: {},
  };
}

export function keyOf(definitions: FlagDefinitionCacheData | undefined): string | undefined {
  return definitions?.flags[0]?.key;
}
