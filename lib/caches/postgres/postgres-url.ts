/**
 * A `postgres:` or `postgresql:` URL. What is ours in it is taken out; the rest is for `pg`, which
 * reads it itself. Errors never repeat it: it may hold a password.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export interface PostgresAddress {
  /** For `pg`: without what is ours. */
  readonly connectionString: string;
  /** The parameter `key`, as it stands there. */
  readonly key: string | undefined;
  /** The URL without user, password and query, for logs. */
  readonly description: string;
}

/** @throws FlagsError `invalid-options`, which does not quote the URL. */
export function parsePostgresUrl(text: string): PostgresAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const place = placeInUrl(text);
  if (url === undefined || place === undefined) throw unreadable();
  const key = url.searchParams.get('key') ?? undefined;
  url.searchParams.delete('key');
  return { connectionString: url.href, key, description: `${url.protocol}//${place}` };
}

/** Host, port and database; undefined for what is no such URL. */
export function placeInUrl(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) return undefined;
  const parts = [url.username, url.password, url.pathname];
  // `pg` would complain of it when it connects, and quote it.
  if (!parts.every(isEncoded)) return undefined;
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

function unreadable(): FlagsError {
  return new FlagsError(
    'The URL of the PostgreSQL cache cannot be read (it is not repeated here, for it may hold a password). Write it as postgres://user:password@host:5432/database?key=my-service; special characters in user and password must be percent-encoded.',
    { code: 'invalid-options' },
  );
}
