/**
 * A pool of `pg` that an app has given, known by its methods: nothing is imported, and none of a
 * foreign copy is refused. It stays its owner's, is not ended here, and is left as it was found. To
 * listen a connection of our own is made as the pool makes its own, since one that listens must not
 * go back to the pool.
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

/** How many caches hear each pool. */
const guests = new WeakMap<object, number>();
const hear = (): void => undefined;

/**
 * While a cache is open, an idle connection that is lost does not end the process, as it would in
 * an app without a listener: the looks of a cache keep such connections at all times. It hides
 * nothing that is lost: no statement was under way, the pool makes another connection, and what
 * fails then is told. A listener of the app hears all the same.
 * @returns what leaves the pool as it was.
 */
export function hearErrors(pool: GivenPostgresPool): () => void {
  if (!hasMethod(pool, 'on') || !hasMethod(pool, 'off')) return () => undefined;
  const emitter = pool as unknown as NodeJS.EventEmitter;
  const before = guests.get(pool) ?? 0;
  guests.set(pool, before + 1);
  if (before === 0) emitter.on('error', hear);
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    const left = (guests.get(pool) ?? 1) - 1;
    guests.set(pool, left);
    if (left === 0) emitter.off('error', hear);
  };
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
