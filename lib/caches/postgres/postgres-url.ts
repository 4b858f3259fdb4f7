/**
 * A `postgres:` or `postgresql:` URL. What is ours in it is taken out; the rest is for `pg`, which
 * reads it itself. A parameter that neither knows is a mistake, and not passed over: `pg` would do
 * that. Errors never repeat the URL: it may hold a password.
 */
import { isCacheKey } from '../../core/cache/cache-key.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { unknownParameters } from '../../core/given/unknown-parameters.js';
import { isTableName } from './postgres-names.js';

export interface PostgresAddress {
  /** For `pg`: without what is ours. */
  readonly connectionString: string;
  /** What is ours. */
  readonly options: PostgresUrlOptions;
  /** The URL without user, password and query, for logs. */
  readonly description: string;
}

export interface PostgresUrlOptions {
  readonly key?: string;
  readonly table?: string;
  readonly push?: boolean;
}

const ours = ['key', 'table', 'push'] as const satisfies readonly (keyof PostgresUrlOptions)[];

/** What `pg` 8 takes from a URL. */
const ofPg = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'sslnegotiation',
  'ssl',
  'uselibpqcompat',
  'host',
  'port',
  'user',
  'password',
  'application_name',
  'fallback_application_name',
  'options',
  'client_encoding',
  'statement_timeout',
  'lock_timeout',
  'idle_in_transaction_session_timeout',
  'query_timeout',
] as const;

/** Of PostgreSQL's own programs, and part of the URLs that are handed out; `pg` ignores them. */
const ofLibpq = [
  'connect_timeout',
  'channel_binding',
  'gssencmode',
  'sslsni',
  'target_session_attrs',
  'keepalives',
  'keepalives_idle',
  'keepalives_interval',
  'keepalives_count',
  'tcp_user_timeout',
] as const;

const known: readonly string[] = [...ours, ...ofPg, ...ofLibpq];

/** @throws FlagsError `invalid-options`, which does not quote the URL. */
export function parsePostgresUrl(text: string): PostgresAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const place = placeInUrl(text);
  if (url === undefined || place === undefined) throw unreadable();
  checkNames(url);
  const options = optionsIn(url);
  for (const name of ours) url.searchParams.delete(name);
  return { connectionString: url.href, options, description: `${url.protocol}//${place}` };
}

/** Host, port and database; undefined for what is no such URL. */
export function placeInUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) return undefined;
  const parts = [url.username, url.password, url.pathname];
  // `pg` would complain of it when it connects, and quote it.
  if (!parts.every(isEncoded)) return undefined;
  // The rest of a password with a `/` in it.
  if (url.pathname.includes('@')) return undefined;
  const host = url.searchParams.get('host') ?? url.hostname;
  return `${host}:${url.port === '' ? 5432 : url.port}${url.pathname}`;
}

function isEncoded(part: string): boolean {
  try {
    return decodeURIComponent(part) !== undefined;
  } catch {
    return false;
  }
}

function checkNames(url: URL): void {
  const named = unknownParameters(url, known);
  if (named === undefined) return;
  throw invalid(
    `The cache URL has a parameter that does not exist: ${named}. It may have: ${ours.join(', ')}; for pg: ${ofPg.join(', ')}; and, which pg ignores: ${ofLibpq.join(', ')}.`,
  );
}

function optionsIn({ searchParams }: URL): PostgresUrlOptions {
  const [key, table, push] = ours.map((name) => searchParams.get(name));
  if (typeof key === 'string' && !isCacheKey(key)) {
    throw invalid(
      'The parameter key of the cache URL must have 1 to 100 letters, digits, or . : / - _, for example ?key=my-service.',
    );
  }
  if (typeof table === 'string' && !isTableName(table)) {
    throw invalid(
      'The parameter table of the cache URL must be the name of a table, of at most 40 letters, digits or _, or of a schema and a table, for example ?table=shop.feature_flags.',
    );
  }
  if (typeof push === 'string' && push !== 'true' && push !== 'false') {
    throw invalid(
      'The parameter push of the cache URL must be true or false: with ?push=false no connection is made to listen.',
    );
  }
  return {
    ...(typeof key === 'string' && { key }),
    ...(typeof table === 'string' && { table }),
    ...(typeof push === 'string' && { push: push === 'true' }),
  };
}

function unreadable(): FlagsError {
  return invalid(
    'The URL of the PostgreSQL cache cannot be read (it is not repeated here, for it may hold a password). Write it as postgres://user:password@host:5432/database?key=my-service; special characters in user and password must be percent-encoded.',
  );
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
