/** Codecs over a real Redis, with whole apps and a posthog-node client: what lies there, and who reads it. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { compressed, sealed, sizeLimited } from '../../lib/caches.js';
import { createPostHogCacheProvider } from '../../lib/caches-posthog-node.js';
import { redisCache } from '../../lib/caches-redis.js';
import type { SharedDefinitionCacheOptions } from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { clientWith, isOn } from '../support/posthog-node-client.js';
import { sealKey } from '../support/record-facts.js';
import { documentOf } from '../support/scripted-source.js';
import { expectAllToHave, SharingApps } from '../support/sharing-app.js';

const url = process.env['TEST_REDIS_URL'];
const redis = createClient({ url: `${url}/0` });
const times = { intervalMs: 2_000, checkMs: 100 };
const keys = [sealKey('a')];
const codecs = [compressed('gzip'), sealed({ keys, mode: 'encrypt' })];
let server: DefinitionsServer;
let apps: SharingApps;
let key: string;

beforeAll(() => redis.connect());
afterAll(() => redis.disconnect());

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['first']) }).start();
  apps = new SharingApps(server);
  key = `codecs-${randomUUID()}`;
});

afterEach(async () => {
  await apps.close();
  await server.close();
});

function cacheWith(more: Partial<SharedDefinitionCacheOptions>): SharedDefinitionCacheOptions {
  return { records: `${url}/0?key=${key}`, ...more };
}

/** All that lies in Redis under the key of this test, as text. */
async function stored(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await redis.keys(`*${key}*`)) {
    const isHash = (await redis.type(name)) === 'hash';
    found.set(name, isHash ? JSON.stringify(await redis.hGetAll(name)) : ((await redis.get(name)) ?? '')); // prettier-ignore
  }
  return found;
}

describe('definitions in Redis with codecs', () => {
  it('are shared by apps, however they came to their client, and by a posthog-node client', async () => {
    const leader = await apps.start(cacheWith({ codecs }), times);
    const given = redisCache(redis as never, { key });
    const follower = await apps.start({ records: given, codecs }, times);
    await expectAllToHave([leader, follower], 'first');
    const provider = await createPostHogCacheProvider(cacheWith({ codecs }), {
      projectApiKey: server.projectApiKey,
      host: server.host,
      intervalMs: times.intervalMs,
      cacheTimeoutMs: 20_000,
    });
    const client = clientWith(server, provider, times.intervalMs);
    expect(await eventually(async () => (await isOn(client, 'first')) === true)).toBe(true);
    await client.client.shutdown();

    const all = [...(await stored()).values()].join('\n');
    expect(all).toContain('json+gzip+sealed');
    expect(all).not.toContain('first');
    server.definitions = documentOf(['second']);
    await expectAllToHave([leader, follower], 'second');
    expect(follower.log.warned.filter((line) => !line.includes('not pushed'))).toEqual([]);
  });

  it('keep an app without codecs on what it has, which says so once', async () => {
    const plain = await apps.start(cacheWith({}), times);
    server.definitions = documentOf(['second']);
    await plain.close();
    const small = await apps.start(cacheWith({ codecs: [compressed('brotli')] }), times);
    await expectAllToHave([small], 'second');
    await eventually(async () => [...(await stored()).values()].join().includes('json+brotli')); // prettier-ignore
    const late = await apps.start(cacheWith({}), { intervalMs: 60_000, checkMs: 100 });
    // It has fetched for itself what it cannot read.
    await expectAllToHave([late], 'second');
    const told = [...late.log.warned, ...late.log.failed].join('\n');
    expect(told.match(/lies there as json\+brotli, and this instance expects json\./g)).toHaveLength(1); // prettier-ignore
  });

  it('that somebody else has written into the store are refused, told of once, and replaced', async () => {
    const cache = cacheWith({ codecs: [compressed(), sealed({ keys })] });
    const leader = await apps.start(cache, times);
    await expectAllToHave([leader], 'first');
    const [name, text] = [...(await stored())].find(([, value]) => value.includes('base64'))!;
    await leader.close();
    const { value } = JSON.parse(text) as { value: { base64: string } };
    const bytes = Buffer.from(value.base64, 'base64');
    bytes[bytes.byteLength - 1]! ^= 1;
    const forged = JSON.stringify({ value: { ...value, base64: bytes.toString('base64') } });
    await redis.set(name, forged);

    const newcomer = await apps.start(cache, times);
    await expectAllToHave([newcomer], 'first');
    const told = (): string[] => [...newcomer.log.warned, ...newcomer.log.failed].filter((line) => line.includes('seal that does not fit')); // prettier-ignore
    expect(told()).toHaveLength(1);
    const isReplaced = async (): Promise<boolean> => {
      const bodies = [...(await stored())].filter(([, found]) => found.includes('base64'));
      return bodies.some(([other]) => other !== name);
    };
    expect(await eventually(isReplaced)).toBe(true);
    const another = await apps.start(cache, times);
    await expectAllToHave([another], 'first');
    expect(another.log.failed).toEqual([]);
    expect(told()).toHaveLength(1);
  });

  it('are not kept from PostHog’s other SDKs: with interop there are none but a limit', async () => {
    const records = `${url}/0?key=${key}&interop=posthog`;
    await expect(apps.start({ records, codecs }, times)).rejects.toThrow(
      /codec gzip cannot be used with interop/,
    );
    const limited = await apps.start({ records, codecs: [sizeLimited(100_000)] }, times);
    await expectAllToHave([limited], 'first');
  });

  it('are an option that is read at start, all mistakes at once and without a secret', async () => {
    const wrong = { records: 'memory:', codecs: [sealed({ keys: [{ id: 'a', secret: 's3cret' }] })] }; // prettier-ignore
    const told = await apps.start(wrong, times).catch(String);
    expect(told).toMatch(/cache\.records: memory: is shared with nobody/);
    expect(told).toMatch(/cache\.codecs: sealed: keys\[0\]\.secret has 6 bytes/);
    expect(told).not.toContain('s3cret');
  });
});
