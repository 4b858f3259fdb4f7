/**
 * A pool of `pg` that an app has given, known by its methods: nothing is imported, and none of a
 * foreign copy is refused. It stays its owner's and is not ended here. To listen a connection of
 * our own is made as the pool makes its own, since one that listens must not go back to the pool.
 */
import { hasMethod, isObject, propertyOf } from '../../core/given/given-value.js';
import type { ListeningClient } from './postgres-link.js';
import type { GivenPostgresPool } from './postgres-queries.js';
import { placeInUrl } from './postgres-url.js';

/** What is wrong with it; undefined when it can be used. */
export function faultOfPool(pool: unknown): string | undefined {
  const expected = "a Pool of pg, or a URL such as 'postgres://host:5432/app'";
  if (pool === null || pool === undefined) return `got ${String(pool)}, expected ${expected}.`;
  if (hasMethod(pool, 'then')) return `got a promise (await the pool first), expected ${expected}.`;
  if (typeof pool === 'function')
    return `got a function or a class (pass the pool itself), expected ${expected}.`;
  if (!hasMethod(pool, 'query'))
    return `got a value of the kind ${typeof pool} without a method query, expected ${expected}.`;
  // A client is one connection: it is not replaced when it is lost, and may be in a transaction.
  if (hasMethod(pool, 'escapeIdentifier'))
    return `got a single client of pg, which is not replaced when its connection is lost; expected ${expected}.`;
  return undefined;
}

const heard = new WeakSet<object>();

/** Without a listener, an idle connection that is lost would end the process. */
export function hearErrors(pool: GivenPostgresPool): void {
  if (heard.has(pool) || !hasMethod(pool, 'on')) return;
  heard.add(pool);
  (pool as unknown as NodeJS.EventEmitter).on('error', () => undefined);
}

/** For logs: of the pool's own options only host, port and database. */
export function placeOf(pool: GivenPostgresPool): string {
  const options = propertyOf(pool, 'options');
  const url = propertyOf(options, 'connectionString');
  const place = typeof url === 'string' ? placeInUrl(url) : undefined;
  if (place !== undefined) return `the given PostgreSQL at ${place}`;
  const host = propertyOf(options, 'host');
  const port = propertyOf(options, 'port') ?? 5432;
  const isKnown = typeof host === 'string' && /^[\w.:/-]+$/.test(host) && Number(port) > 0;
  return isKnown ? `the given PostgreSQL at ${host}:${Number(port)}` : 'the given PostgreSQL';
}

/** Undefined for a pool that does not show how it connects: then changes are found by checks. */
export function listenerOf(pool: GivenPostgresPool): (() => ListeningClient) | undefined {
  const Client = propertyOf(pool, 'Client');
  const options = propertyOf(pool, 'options');
  if (typeof Client !== 'function' || !isObject(options)) return undefined;
  // As they are: the password in them cannot be copied.
  return () => Reflect.construct(Client, [options]) as ListeningClient;
}
