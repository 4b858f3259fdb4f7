/** What postgresCache and a cache URL take and refuse, before anything is opened. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { postgresCache, postgresCacheSql } from '../../lib/caches-postgres.js';
import { listenerOf, placeOf } from '../../lib/caches/postgres/given-pool.js';
import { channelOf, postgresNames, SQL_FORMAT } from '../../lib/caches/postgres/postgres-names.js';
import { parsePostgresUrl } from '../../lib/caches/postgres/postgres-url.js';
import { readCacheUrl } from '../../lib/caches/url/cache-url.js';
import { systemClock } from '../../lib/core/time/clock.js';

const url = 'postgres://somebody:hunter2@db.example:6432/app';
const mistakesOf = (...given: unknown[]): string =>
  (postgresCache as (...all: unknown[]) => { mistakes?: readonly string[] })(...given).mistakes?.join(' ') ?? ''; // prettier-ignore

describe('postgresCache', () => {
  it.each([
    ['a pool', new pg.Pool()],
    ['a URL', url],
    ['a URL with a key', `${url}?key=shop&sslmode=require`],
    ['anything with a method query', { query: () => undefined }],
  ])('takes %s', (_what, given) => {
    expect(mistakesOf(given, { key: 'shop', table: 'flags.Table_1', push: false })).toBe('');
  });

  it.each([
    ['nothing', undefined, 'got undefined'],
    ['null', null, 'got null'],
    ['a promise of a pool', Promise.resolve(), 'await the pool first'],
    ['the class', pg.Pool, 'pass the pool itself'],
    ['an object', {}, 'without a method query'],
    ['a single client', new pg.Client(), 'a single client of pg'],
    ['a URL of another kind', 'mysql://user:hunter2@host', 'cannot be read'],
    ['a URL with a bad escape', 'postgres://user:hunter2%@host', 'cannot be read'],
    ['a URL with a bad key', 'postgres://user:hunter2@host?key=a%20b', '?key=my-service'],
  ])('refuses %s', (_what, given, part) => {
    expect(mistakesOf(given)).toContain(part);
    expect(mistakesOf(given)).not.toContain('hunter2');
  });

  it.each([
    [{ key: 'a b' }, 'option key'],
    [{ table: 'a"b' }, 'option table'],
    [{ table: 'a.b.c' }, 'option table'],
    [{ table: '' }, 'option table'],
    [{ table: '1a' }, 'option table'],
    [{ table: 'x'.repeat(41) }, 'option table'],
    [{ tabel: 'x' }, 'has no option tabel. There are key, table, push.'],
  ])('refuses the options %j', (options, part) => {
    expect(mistakesOf(url, options)).toContain(part);
  });

  it('tells all mistakes at once, also to who opens it all the same', async () => {
    const cache = postgresCache(undefined as never, { key: '', table: '' });
    expect(cache.mistakes).toHaveLength(3);
    const settings = { identity: undefined, commandTimeoutMs: 1, clock: systemClock };
    await expect(cache.open(settings)).rejects.toThrow('got undefined');
  });
});

describe('a cache URL', () => {
  it.each(['postgres:', 'postgresql:', 'PostgreSQL:'])('may begin with %s', (scheme) => {
    expect(readCacheUrl(`${scheme}//host/app?key=shop&sslmode=require`)).toMatchObject({ kind: 'shared' }); // prettier-ignore
  });

  it.each([
    ['postgres://user:hunter2@host/app?key=', '?key=my-service'],
    ['postgres://user:hunter2%zz@host/app', 'percent-encoded'],
    ['postgres://user:hunter2@host/app?tabel=x', 'does not exist: tabel. It may have: key, table, push; for pg: sslmode, '], // prettier-ignore
    ['postgres://user:hunter2@host/app?SSLMODE=require', 'does not exist: SSLMODE'],
    ['postgres://user@host/app?password=x&hunter2', 'its name is not repeated here'],
    ['postgres://user:63/hunter2@host/app', 'must be percent-encoded'],
    ['postgres://user:hunter2@host/app?table=a.b.c', '?table=shop.feature_flags'],
    ['postgres://user:hunter2@host/app?push=no', '?push=false'],
  ])('%s is refused', (given, part) => {
    const read = (): unknown => readCacheUrl(given);
    expect(read).toThrow(part);
    expect(read).not.toThrow('hunter2');
  });

  it('loses what is ours on its way to pg, and keeps the rest', () => {
    const given = 'sslmode=require&key=shop&application_name=x&table=shop.flags&push=false';
    expect(parsePostgresUrl(`${url}?${given}`)).toEqual({
      connectionString: `${url}?sslmode=require&application_name=x`,
      options: { key: 'shop', table: 'shop.flags', push: false },
      description: 'postgres://db.example:6432/app',
    });
    expect(parsePostgresUrl('postgres://host').description).toBe('postgres://host:5432');
    expect(parsePostgresUrl(`${url}?push=true`).options).toEqual({ push: true });
  });

  it('is overruled by the options beside it', async () => {
    const cache = postgresCache(`${url}?key=a&push=false`, { key: 'b' });
    const settings = { identity: undefined, commandTimeoutMs: 1, clock: systemClock };
    const store = await cache.open(settings);
    expect(store).toMatchObject({ key: 'b' });
    expect(store).not.toHaveProperty('watch');
    await store.close();
  });

  // Every parameter that stands in the source of pg and pg-connection-string.
  it.each([
    ['ssl', '0', { ssl: false }],
    ['sslmode', 'no-verify', { ssl: { rejectUnauthorized: false } }],
    ['host', '/run/postgresql', { host: '/run/postgresql' }],
    ['port', '7', { port: 7 }],
    ['user', 'u', { user: 'u' }],
    ['application_name', 'x', { application_name: 'x' }],
    ['fallback_application_name', 'x', { fallback_application_name: 'x' }],
    ['options', '-c geqo=off', { options: '-c geqo=off' }],
    ['client_encoding', 'latin1', { client_encoding: 'latin1' }],
    ['statement_timeout', '7', { statement_timeout: '7' }],
    ['lock_timeout', '7', { lock_timeout: '7' }],
    ['idle_in_transaction_session_timeout', '7', { idle_in_transaction_session_timeout: '7' }],
    ['query_timeout', '7', { query_timeout: '7' }],
  ])('may have the parameter %s, which reaches pg', (name, value, parameters) => {
    const given = `postgres://somebody@db/app?key=shop&${new URLSearchParams({ [name]: value }).toString()}`;
    const { connectionString } = parsePostgresUrl(given);
    const client = new pg.Client({ connectionString }) as unknown as Record<string, unknown>;
    expect(client['connectionParameters']).toMatchObject(parameters);
  });

  it('as it is handed out by who runs databases is taken', () => {
    expect(readCacheUrl(`${url}?sslmode=require&channel_binding=require&connect_timeout=10`)).toMatchObject({ kind: 'shared' }); // prettier-ignore
  });
});

describe('a given pool', () => {
  it.each([
    [{ connectionString: url }, 'the given PostgreSQL at db.example:6432/app'],
    [{ host: 'db', port: 7, password: 'hunter2' }, 'the given PostgreSQL at db:7'],
    [{ host: '/var/run/postgresql' }, 'the given PostgreSQL at /var/run/postgresql:5432'],
    [{}, 'the given PostgreSQL'],
  ])('with %j is told without secrets', (options, place) => {
    expect(placeOf(new pg.Pool(options))).toBe(place);
  });

  it('is listened beside with its own settings, the password included', () => {
    const create = listenerOf(new pg.Pool({ host: 'db', user: 'u', password: 'hunter2' }));
    expect(create?.()).toMatchObject({ host: 'db', user: 'u', password: 'hunter2' });
  });

  it('that does not show how it connects has no push', () => {
    expect(listenerOf({ query: async () => ({ rows: [] }) })).toBeUndefined();
  });
});

describe('the names in the database', () => {
  it('are quoted, and short enough', () => {
    const { table, functions } = postgresNames(`Shop.${'x'.repeat(40)}`);
    expect(table).toBe(`"Shop"."${'x'.repeat(40)}"`);
    for (const name of Object.values(functions)) {
      expect(name).toMatch(/^"Shop"\."\w{1,63}"$/);
    }
  });

  it('of channels differ by table and namespace', () => {
    const channels = [channelOf('a', 'b'), channelOf('a', 'c'), channelOf('b', 'b')];
    expect(new Set(channels).size).toBe(3);
    for (const channel of channels) expect(channel).toMatch(/^nestjs_feature_flags_[0-9a-f]{32}$/);
  });

  it('say which rules the functions follow: who changes the SQL raises the format', () => {
    const digest = createHash('sha256').update(postgresCacheSql()).digest('hex').slice(0, 16);
    expect({ SQL_FORMAT, digest }).toEqual({ SQL_FORMAT: 'v2', digest: '4b909b523abcac59' });
  });

  it('by hand are refused when they are none', () => {
    expect(() => postgresCacheSql('a; DROP TABLE b')).toThrow('no name of a table');
  });
});
