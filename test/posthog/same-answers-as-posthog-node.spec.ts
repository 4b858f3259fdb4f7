/**
 * The quick start's flags, served over HTTP as PostHog serves them: what the real posthog-node
 * makes of them and what this package makes of them, whole way each, is the same.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostHog } from 'posthog-node';
import { MemoryDefinitionCache } from '../../lib/core/cache/memory-definition-cache.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import { RefreshCycle } from '../../lib/core/refresh/refresh-cycle.js';
import { SnapshotStore } from '../../lib/core/snapshot/snapshot-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import { refreshSettings } from '../support/refresh-settings.js';

const definitions = JSON.parse(
  readFileSync(new URL('../../sample/quickstart/flags.json', import.meta.url), 'utf8'),
) as { flags: { key: string }[] };

const day = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * day).toISOString();

/** People who between them meet every condition of the flags, and miss it. */
const people: EvaluationContext[] = Array.from({ length: 60 }, (_, n) => ({
  distinctId: `person-${n}`,
  personProperties: {
    email: ['ada@harbour.example', 'bo+test@mail.example', 'cy@mail.example'][n % 3],
    signed_up_at: [daysAgo(3), daysAgo(400), '2023-05-01'][n % 3],
    country: ['DE', 'GB', 'US', 'FR'][n % 4],
    app_version: ['4.2.0', '4.1.9', '5.0'][n % 3],
    platform: ['ios', 'android', 'web'][(n >> 1) % 3],
    membership: n % 2 === 0 ? 'club' : 'none',
    orders_count: n % 20,
    last_order_at: daysAgo(n * 3),
    employee_id: n % 5 === 0 ? `HC-00${10 + n}` : `X-${n}`,
    wants_news: n % 7 === 0 ? 'false' : 'true',
  },
  ...(n % 3 === 0
    ? {
        groups: { company: `company-${n}` },
        groupProperties: {
          company: { plan: n % 2 === 0 ? 'wholesale' : 'retail', employees: n * 2 },
        },
      }
    : {}),
}));

describe('one server, two clients', () => {
  const server = new DefinitionsServer({ definitions });
  const store = new SnapshotStore();
  let posthog: PostHog;
  let cycle: RefreshCycle;

  beforeAll(async () => {
    await server.start();
    const { host, projectApiKey, secretKey } = server;
    posthog = new PostHog(projectApiKey, { host, secretKey, sendFeatureFlagEvent: false });
    expect(await posthog.waitForLocalEvaluationReady(60_000)).toBe(true);
    cycle = new RefreshCycle({
      source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
      cache: new MemoryDefinitionCache(),
      store,
      clock: systemClock,
      observer: { onEvent: () => undefined },
      settings: { ...refreshSettings, compile: { compat: 'posthog-node' } },
    });
    expect((await cycle.turn()).kind).toBe('fetched');
  });

  afterAll(async () => {
    await cycle.close();
    await posthog.shutdown();
    await server.close();
  });

  it('both know every flag of the quick start, at least twelve', () => {
    expect(store.current!.keys).toHaveLength(definitions.flags.length);
    expect(definitions.flags.length).toBeGreaterThanOrEqual(12);
  });

  it('give every person the same values and payloads, and leave the same flags unresolved', async () => {
    const seen = new Set<string>();
    for (const person of people) {
      const { distinctId, personProperties, groups, groupProperties } = person;
      const theirs = await posthog.evaluateFlags(distinctId, {
        onlyEvaluateLocally: true,
        personProperties: personProperties as Record<string, string>,
        groups: groups ?? {},
        groupProperties: (groupProperties ?? {}) as Record<string, Record<string, string>>,
      });
      for (const { key } of definitions.flags) {
        const ours = store.current!.evaluate(key, person);
        expect([distinctId, key, ours.value]).toEqual([distinctId, key, theirs.getFlag(key)]);
        expect([distinctId, key, ours.payload]).toEqual([
          distinctId,
          key,
          theirs.getFlagPayload(key) ?? undefined,
        ]);
        seen.add(`${key}=${String(ours.value)}`);
      }
    }
    // The people are well chosen: nearly every flag was seen in more than one value.
    expect(seen.size).toBeGreaterThan(definitions.flags.length * 1.5);
  });

  it('both confirm what did not change with the etag that came with it', async () => {
    expect((await cycle.turn()).kind).toBe('confirmed');
    await posthog.reloadFeatureFlags();

    expect(server.definitionRequests.slice(-2).map(({ status }) => status)).toEqual([304, 304]);
  });
});
