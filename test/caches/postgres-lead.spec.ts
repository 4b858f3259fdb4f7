/**
 * Two instances that are led, on a real PostgreSQL, and what becomes of the lead when the one that
 * has it dies without a word: it is followed when its lease has run out, and what it brings
 * afterwards is refused.
 */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { postgresCache } from '../../lib/caches-postgres.js';
import { leased } from '../../lib/caches.js';
import { createSharedDefinitionCache } from '../../lib/core/cache/create-shared-definition-cache.js';
import type { Grant, HeldFacts } from '../../lib/core/cache/definition-cache.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import type { SharedDefinitionCache } from '../../lib/core/cache/shared-definition-cache.js';
import { digestOf } from '../../lib/core/definitions/digest.js';
import { parseDefinitions } from '../../lib/core/definitions/parse-definitions.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { recordOf } from '../support/claim-turns.js';
import { CountingProxy } from '../support/counting-proxy.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import { documentOf } from '../support/scripted-source.js';

const database = PostgresDatabase.forThisFile();
const times = {
  clock: systemClock,
  random: () => 0.5,
  intervalMs: 60_000,
  jitter: 0,
  checkMs: 100,
};
const LEASE_MS = 600_000;
const nothing: HeldFacts = {
  revision: 0,
  digest: undefined,
  ageMs: undefined,
  token: 0,
  kick: true,
  sitOutMs: 0,
};

interface Instance {
  readonly cache: SharedDefinitionCache;
  readonly records: RecordStore;
  /** No connection of it lives on, and none is made again; nothing is said to the database. */
  kill(): Promise<void>;
}

const instances: Instance[] = [];
afterEach(async () => {
  await Promise.all(instances.splice(0).map((one) => one.kill()));
});

async function start(key: string): Promise<Instance> {
  const proxy = await CountingProxy.before(new URL(database.url));
  const url = new URL(database.url);
  url.host = `127.0.0.1:${proxy.port}`;
  const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };
  const records = await postgresCache(url.href, { key }).open(settings);
  const cache = createSharedDefinitionCache(
    { records, coordination: leased() },
    { ...times, leaseMs: LEASE_MS },
  );
  let dies: Promise<void> | undefined;
  const kill = async (): Promise<void> => {
    await proxy.close();
    await records.close();
  };
  const instance = { cache, records, kill: () => (dies ??= kill()) };
  instances.push(instance);
  return instance;
}

/** Whoever has a lease was last heard of long ago. */
async function leasesRunOut(): Promise<void> {
  await database.query(
    `UPDATE nestjs_feature_flags SET facts = facts || '{"takenAt": 1}' WHERE kind = 'lease'`,
  );
}

function publicationOf(flag: string) {
  const parsed = parseDefinitions(documentOf([flag]));
  if (!parsed.ok) throw new Error(parsed.message);
  const { definitions } = parsed;
  return { definitions, digest: digestOf(definitions), etag: `"${flag}"` };
}

async function leadOf({ cache }: Instance): Promise<Grant> {
  const verdict = await cache.check(nothing);
  if (verdict.kind !== 'lead') throw new Error('This instance was not asked to fetch.');
  return verdict.grant;
}

describe('two instances that are led', () => {
  it('F09: have the other for a leader when the lease of the one that was killed has run out', async () => {
    const key = randomUUID();
    const [first, second] = [await start(key), await start(key)];
    await second.records.readHead();
    let hints = 0;
    second.cache.watch(() => (hints += 1));
    const grant = await leadOf(first);
    await expect(second.cache.check(nothing)).resolves.toMatchObject({ kind: 'follow' });
    await expect(first.cache.publish(grant, publicationOf('a'))).resolves.toBe('accepted');
    expect(await eventually(async () => hints > 0)).toBe(true);

    const began = await leadOf(first);
    await first.kill();
    await leasesRunOut();
    const leads = async () => (await second.cache.check(nothing)).kind === 'lead';
    expect(await eventually(leads)).toBe(true);

    const next = await leadOf(second);
    expect(next.token).toBeGreaterThan(began.token ?? 0);
    await expect(second.cache.publish(next, publicationOf('b'))).resolves.toBe('accepted');
  });

  it('F03: keep what the next leader has published, whatever the former one sends later', async () => {
    const key = randomUUID();
    const [first, second] = [await start(key), await start(key)];
    const late = await leadOf(first);
    // Paused: it looks no more, and gives nothing up.
    await leasesRunOut();
    const leads = async () => (await second.cache.check(nothing)).kind === 'lead';
    expect(await eventually(leads)).toBe(true);
    const next = await leadOf(second);
    await expect(second.cache.publish(next, publicationOf('b'))).resolves.toBe('accepted');

    await expect(first.cache.publish(late, publicationOf('a'))).resolves.toBe('fenced');
    // The write alone, as one that was on its way all the time.
    await expect(first.records.publish(recordOf('a'), late.token ?? 0)).resolves.toBe(false);
    await expect(second.records.readHead()).resolves.toMatchObject({ revision: next.token });
    await expect(first.cache.check(nothing)).resolves.toMatchObject({ kind: 'follow' });
  });
});
