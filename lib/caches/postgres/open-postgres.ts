/**
 * A small pool of our own from a URL, through `pg` (the optional peer, 8). It never holds the
 * process up, and waits for nothing without a bound. `statement_timeout` is not set: a pooler
 * refuses connections that ask for it. In its place the functions bound their waits for locks, and
 * a connection on which a statement has not ended is dropped.
 */
import pg from 'pg';

export interface OwnPoolSettings {
  /** For `pg`. Its parameters win over these settings. */
  readonly connectionString: string;
  readonly commandTimeoutMs: number;
}

/** An instance asks one thing after the other; the second is for what an app asks besides. */
const CONNECTIONS = 2;
/** Longer than the pause between two looks, or each would make a connection. */
const IDLE_MS = 120_000;
const CONNECT_TIMEOUT_MS = 2_000;
/** After the deadline of the statement, which tells more. */
const DROPPED_LATER_MS = 250;

/** Connects when it is first asked. */
export function openPool({ connectionString, commandTimeoutMs }: OwnPoolSettings): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: commandTimeoutMs + DROPPED_LATER_MS,
    idleTimeoutMillis: IDLE_MS,
    allowExitOnIdle: true,
    keepAlive: true,
    application_name: 'nestjs-feature-flags',
  });
  pool.on('error', () => undefined);
  return pool;
}
