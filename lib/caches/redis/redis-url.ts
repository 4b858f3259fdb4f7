/**
 * A `redis:` or `rediss:` URL, taken apart. Errors never repeat it: it may hold a password.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** The URL without user, password and query, for logs. */
  readonly description: string;
}

/** @throws FlagsError `invalid-options`, which does not quote the URL. */
export function parseRedisUrl(text: string): RedisAddress {
  const url = parse(text);
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:') throw unreadable();
  const database = url.pathname.slice(1);
  if (url.hostname === '') throw unreadable();
  if (!/^\d{0,6}$/.test(database)) throw noDatabase();
  const port = Number(url.port || 6379);
  const scheme = url.protocol;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    tls: scheme === 'rediss:',
    username: decoded(url.username),
    password: decoded(url.password),
    database: Number(database),
    description: `${scheme}//${url.hostname}:${port}/${Number(database)}`,
  };
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw unreadable();
  }
}

function noDatabase(): FlagsError {
  return invalid(
    "The database in the URL of the Redis cache (what follows the port) is no number; the URL is not repeated here, for it may hold a password. Write it as redis://host:6379/0, or leave it out for 0. A name for the app's cache goes into ?key=my-service.",
  );
}

function unreadable(): FlagsError {
  return invalid(
    'The URL of the Redis cache cannot be read (it is not repeated here, for it may hold a password). Write it as redis://user:password@host:6379/0, or rediss:// for TLS; special characters in user and password must be percent-encoded.',
  );
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
