/**
 * What all that speaks to PostHog with the project key alone is given: where PostHog is, which
 * project, and how it is reached. Read in one place, so that the same mistake is told alike.
 */
import { mistake, mistakeInType } from './option-mistakes.js';
import type { FetchFunction } from './posthog-definition-source.options.js';
import { resolveHost } from './posthog-host.js';
import { mistakeInProjectApiKey } from './posthog-keys.js';

interface PublicClientOptions {
  readonly host?: string;
  readonly projectApiKey: string;
  readonly geoip?: boolean;
  readonly allowInsecureHttp?: boolean;
  readonly fetch?: FetchFunction;
}

export interface PublicClient {
  readonly host: string;
  readonly projectApiKey: string;
  readonly geoip: boolean;
  readonly fetch: FetchFunction;
  readonly isGivenFetch: boolean;
}

/** What is written, to be used where there are no mistakes. */
export function readPublicClient(options: PublicClientOptions): {
  readonly client: PublicClient;
  readonly mistakes: readonly (string | undefined)[];
} {
  const { projectApiKey, geoip = false, allowInsecureHttp = false, fetch: given } = options;
  const host = resolveHost(options.host, allowInsecureHttp === true);
  return {
    mistakes: [
      mistake('host', host.ok ? undefined : host.mistake),
      mistake('projectApiKey', mistakeInProjectApiKey(projectApiKey)),
      mistake('geoip', mistakeInType(geoip, 'boolean')),
      mistake('allowInsecureHttp', mistakeInType(allowInsecureHttp, 'boolean')),
      mistake('fetch', given && mistakeInType(given, 'function')),
    ],
    client: {
      host: host.ok ? host.host : '',
      projectApiKey: String(projectApiKey).trim(),
      geoip,
      // Looked up at each call: tools that instrument fetch may replace it later.
      fetch: given ?? ((url, init) => globalThis.fetch(url, init)),
      isGivenFetch: given !== undefined,
    },
  };
}
