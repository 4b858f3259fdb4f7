/** Real posthog-node clients that share definitions through our provider, for tests. */
import { PostHog } from 'posthog-node';
import { createPostHogCacheProvider } from '../../lib/posthog-cache-provider.js';
import type { FlagDefinitionCacheProvider } from '../../lib/core/cache/flag-definition-cache-provider.js';
import type { DefinitionsServer } from './definitions-server.js';

export interface SharingClient {
  readonly client: PostHog;
  /** How often it has asked whether to fetch. */
  readonly polls: () => number;
  readonly failures: Error[];
}

/** A client with any provider, whose polls are counted. */
export function clientWith(
  server: DefinitionsServer,
  provider: FlagDefinitionCacheProvider,
  intervalMs: number,
): Omit<SharingClient, 'failures'> {
  let polls = 0;
  const counted = {
    getFlagDefinitions: () => provider.getFlagDefinitions(),
    shouldFetchFlagDefinitions: () => {
      polls += 1;
      return provider.shouldFetchFlagDefinitions();
    },
    onFlagDefinitionsReceived: (data: never) => provider.onFlagDefinitionsReceived(data),
    shutdown: () => provider.shutdown(),
  };
  const client = new PostHog(server.projectApiKey, {
    host: server.host,
    secretKey: server.secretKey,
    featureFlagsPollingInterval: intervalMs,
    requestTimeout: 30_000,
    flushAt: 1_000_000,
    flagDefinitionCacheProvider: counted as never,
  });
  return { client, polls: () => polls };
}

/** However busy the machine is. */
const patient = { requestTimeoutMs: 30_000, cacheTimeoutMs: 20_000 };

export async function sharingClient(
  server: DefinitionsServer,
  cache: Parameters<typeof createPostHogCacheProvider>[0],
  intervalMs: number,
  patience = patient,
): Promise<SharingClient> {
  const failures: Error[] = [];
  const provider = await createPostHogCacheProvider(cache, {
    projectApiKey: server.projectApiKey,
    host: server.host,
    intervalMs,
    ...patience,
    onFailure: (failure) => failures.push(failure),
  });
  return { ...clientWith(server, provider, intervalMs), failures };
}

/** What a client says of a flag without asking the server; undefined when it knows no such flag. */
export async function isOn(
  { client }: Pick<SharingClient, 'client'>,
  key: string,
): Promise<unknown> {
  const flags = await client.evaluateFlags('somebody', { onlyEvaluateLocally: true });
  return flags.getFlag(key);
}
