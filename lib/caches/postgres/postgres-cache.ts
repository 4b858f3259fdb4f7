/**
 * Definitions in PostgreSQL, over a pool that the app has already or from a URL. A given pool stays
 * its owner's: it is not ended here, and its connections are used for one statement at a time. Only
 * to listen a connection is made besides.
 */
import { randomUUID } from 'node:crypto';
import { DEFAULT_CACHE_KEY, isCacheKey, namespaceOf } from '../../core/cache/cache-key.js';
import type { RecordBackend, RecordSettings } from '../../core/cache/record-backend.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { messageOf } from '../../core/errors/message-of.js';
import { withDeadline } from '../../core/time/deadline.js';
import { faultOfPool, hearErrors, listenerOf, placeOf } from './given-pool.js';
import { PostgresListener } from './postgres-listener.js';
import { DEFAULT_TABLE, isTableName } from './postgres-names.js';
import { PostgresQueries, type GivenPostgresPool } from './postgres-queries.js';
import { PostgresRecordStore } from './postgres-record-store.js';
import { parsePostgresUrl } from './postgres-url.js';

/** @publicApi */
export interface PostgresCacheOptions {
  /**
   * Tells apps apart that use one table: 1 to 100 letters, digits, or . : / - _. Projects are told
   * apart by themselves. In a URL `?key=`; what is written here wins.
   * @default 'default', or what the URL says
   */
  readonly key?: string;
  /**
   * Where the definitions lie, `table` or `schema.table`: letters, digits and _, as it is written;
   * the table's name at most 40 characters. It is made when it is not there. In a URL `?table=`.
   * @default 'nestjs_feature_flags'
   */
  readonly table?: string;
  /**
   * False: no connection is made to listen, and changes are found at the next check. For poolers
   * that lend out connections for one transaction (PgBouncer in transaction mode). In a URL
   * `?push=false`.
   * @default true, where the pool shows how it connects
   */
  readonly push?: boolean;
}

/** Bounds making the connection that listens. */
const CONNECT_TIMEOUT_MS = 2_000;

const optionNames = [
  'key',
  'table',
  'push',
] as const satisfies readonly (keyof PostgresCacheOptions)[];

/**
 * For the option `cache`: `postgresCache(pool, { key: 'shop' })`. Never throws; what is wrong with
 * the pool, the URL or the options is reported at start, together with all other mistakes. A URL
 * needs the package `pg`.
 * @publicApi
 */
export function postgresCache(
  poolOrUrl: GivenPostgresPool | string,
  options: PostgresCacheOptions = {},
): RecordBackend {
  const mistakes = [...mistakesInOptions(options), ...mistakesInPlace(poolOrUrl)];
  const open = async (settings: RecordSettings): Promise<PostgresRecordStore> => {
    // The mistakes were reported before; this is for who calls it all the same.
    if (mistakes.length > 0) throw new TypeError(mistakes.join(' '));
    if (typeof poolOrUrl === 'string') return openFromUrl(poolOrUrl, options, settings);
    return openRecords({ pool: poolOrUrl, description: placeOf(poolOrUrl), options }, settings);
  };
  return { mistakes, open };
}

interface OpenedPool {
  readonly pool: GivenPostgresPool;
  readonly description: string;
  readonly options: PostgresCacheOptions;
  /** Ends what was opened for this store alone. */
  readonly end?: () => Promise<void>;
}

async function openFromUrl(
  url: string,
  options: PostgresCacheOptions,
  settings: RecordSettings,
): Promise<PostgresRecordStore> {
  const { connectionString, description, options: inUrl } = parsePostgresUrl(url);
  const { openPool } = await loadOrExplain();
  const pool = openPool({ connectionString, commandTimeoutMs: settings.commandTimeoutMs });
  const end = (): Promise<void> => pool.end();
  return openRecords({ pool, description, options: { ...inUrl, ...options }, end }, settings);
}

function openRecords(opened: OpenedPool, settings: RecordSettings): PostgresRecordStore {
  const { pool, description, end } = opened;
  const { key = DEFAULT_CACHE_KEY, table = DEFAULT_TABLE } = opened.options;
  const { clock, commandTimeoutMs, identity } = settings;
  const hearNoMore = hearErrors(pool);
  const queries = new PostgresQueries({ pool, clock, commandTimeoutMs, description });
  const push = pushOf(opened, settings, queries);
  const close = async (): Promise<void> => {
    push?.close();
    if (end === undefined) return hearNoMore();
    const deadline = { clock, ms: commandTimeoutMs, what: description };
    // A server that does not answer must not hold the end of the app up.
    await withDeadline(deadline, end).catch(() => undefined);
  };
  const namespace = namespaceOf(key, identity);
  return new PostgresRecordStore({
    queries,
    table,
    namespace,
    close,
    ...(push === undefined ? {} : { push }),
  });
}

function pushOf(
  { pool, description, options }: OpenedPool,
  { clock }: RecordSettings,
  queries: PostgresQueries,
): PostgresListener | undefined {
  const create = options.push === false ? undefined : listenerOf(pool);
  if (create === undefined) return undefined;
  const notify = (channel: string, payload: string): Promise<unknown> =>
    queries.run('SELECT pg_notify($1, $2)', [channel, payload]);
  const parts = { create, clock, connectTimeoutMs: CONNECT_TIMEOUT_MS, notify, description };
  return new PostgresListener(parts, randomUUID());
}

async function loadOrExplain() {
  try {
    return await import('./open-postgres.js');
  } catch (cause) {
    throw new FlagsError(
      'The PostgreSQL cache could not be loaded, probably because a package is missing: npm install pg@8.',
      { code: 'invalid-options', cause },
    );
  }
}

function mistakesInOptions(options: PostgresCacheOptions): string[] {
  const known: readonly string[] = optionNames;
  const mistakes = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `postgresCache has no option ${name}. There are ${known.join(', ')}.`);
  if (options.key !== undefined && !isCacheKey(options.key)) {
    mistakes.push(
      "the option key of postgresCache must have 1 to 100 letters, digits, or . : / - _, for example { key: 'my-service' }.",
    );
  }
  if (options.table !== undefined && !isTableName(options.table)) {
    mistakes.push(
      "the option table of postgresCache must be the name of a table, of at most 40 letters, digits or _, or of a schema and a table, for example { table: 'shop.feature_flags' }.",
    );
  }
  return mistakes;
}

function mistakesInPlace(poolOrUrl: unknown): string[] {
  if (typeof poolOrUrl !== 'string') {
    const fault = faultOfPool(poolOrUrl);
    return fault === undefined ? [] : [`postgresCache ${fault}`];
  }
  try {
    parsePostgresUrl(poolOrUrl);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
