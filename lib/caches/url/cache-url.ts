/**
 * A cache as a URL: `memory:`, `redis://host:6379/0?key=my-service`, `postgres://…`. Read at once, so
 * that a mistake is told with all the others; the backend is loaded when it is opened. Each family
 * of schemes has a reader of its own.
 */
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { readDynamodbUrl } from './read-dynamodb-url.js';
import { readFileUrl } from './read-file-url.js';
import { readPostgresUrl } from './read-postgres-url.js';
import { readRedisUrl } from './read-redis-url.js';

/** A cache URL that was understood. */
export type CacheUrl = { readonly kind: 'memory' } | ({ readonly kind: 'shared' } & RecordBackend);

const readers: ReadonlyMap<string, (url: string) => RecordBackend> = new Map([
  ['redis:', readRedisUrl],
  ['rediss:', readRedisUrl],
  ['postgres:', readPostgresUrl],
  ['postgresql:', readPostgresUrl],
  ['dynamodb:', readDynamodbUrl],
  ['file:', readFileUrl],
]);

export const CACHE_URL_SCHEMES: readonly string[] = ['memory:', ...readers.keys()];

/**
 * Reads a cache URL.
 * @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL.
 */
export function readCacheUrl(url: string): CacheUrl {
  if (/^memory:(\/\/)?$/i.test(url)) return { kind: 'memory' };
  const scheme = /^[a-z]+:/i.exec(url)?.[0].toLowerCase() ?? '';
  const read = readers.get(scheme) ?? readRedisUrl;
  return { kind: 'shared', ...read(url) };
}
