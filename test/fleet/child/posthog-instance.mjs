/**
 * One instance with the real `posthog-node` in it and the example provider of its documentation,
 * written anew: a lock that whoever comes first takes, and that whoever has stored or shuts down
 * deletes, whosesoever it is. Told into the same trace, to be held against the same checks.
 */
import { PostHog } from 'posthog-node';
import { createClient } from 'redis';

const DEFINITIONS_KEY = 'posthog:flags:team';
const LOCK_KEY = `${DEFINITIONS_KEY}:lock`;
/** The example's 60 s and 300 s at an interval of 30 s. */
const LOCK_INTERVALS = 2;
const DEFINITIONS_INTERVALS = 10;

export class PosthogInstance {
  applied = 0;
  content;

  constructor(spec, tell) {
    this.spec = spec;
    this.tell = tell;
  }

  async start() {
    const { source, polling, name, cacheUrl } = this.spec;
    this.redis = createClient({ url: cacheUrl });
    this.redis.on('error', () => undefined);
    await this.redis.connect();
    this.posthog = new PostHog(source.projectApiKey, {
      host: source.host,
      secretKey: source.secretKey,
      featureFlagsPollingInterval: polling.intervalMs,
      flagDefinitionCacheProvider: this.provider(),
      fetch: (url, init) => this.fetchAs(url, init, name),
    });
  }

  provider() {
    const { redis } = this;
    const { intervalMs } = this.spec.polling;
    return {
      getFlagDefinitions: async () => {
        const stored = await redis.get(DEFINITIONS_KEY);
        return stored === null ? undefined : JSON.parse(stored);
      },
      shouldFetchFlagDefinitions: async () =>
        (await redis.set(LOCK_KEY, '1', { NX: true, PX: LOCK_INTERVALS * intervalMs })) === 'OK',
      onFlagDefinitionsReceived: async (definitions) => {
        const PX = DEFINITIONS_INTERVALS * intervalMs;
        await redis.set(DEFINITIONS_KEY, JSON.stringify(definitions), { PX });
        await redis.del(LOCK_KEY);
      },
      shutdown: async () => {
        await redis.del(LOCK_KEY);
      },
    };
  }

  async fetchAs(url, init, name) {
    if (!String(url).includes('/flags/definitions')) return fetch(url, init);
    this.tell({ type: 'fetch-started' });
    try {
      const response = await fetch(url, {
        ...init,
        headers: { ...init.headers, 'x-instance': name },
      });
      this.tell({ type: 'fetch-ended', answer: String(response.status) });
      return response;
    } finally {
      this.tell({ type: 'turn', outcome: 'fetched', role: 'leader', cacheFailures: [] });
    }
  }

  /** There is no event of a change: it is noticed here. */
  evaluate() {
    void this.look();
    return undefined;
  }

  async look() {
    const payload = await this.posthog.getFeatureFlagPayload('first', 'somebody', true, {
      onlyEvaluateLocally: true,
    });
    if (typeof payload !== 'string' || payload === this.content) return;
    this.content = payload;
    this.applied += 1;
    this.tell({ type: 'applied', revision: this.applied, content: payload });
  }

  async close() {
    await this.posthog.shutdown(1_000);
    await this.redis.disconnect();
  }
}
