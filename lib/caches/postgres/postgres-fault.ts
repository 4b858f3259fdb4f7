/**
 * Names what went wrong with PostgreSQL: what failed, why probably, what to do. Of the server's own
 * words nothing is passed on, for they may quote what they were sent; of a broken connection only
 * the system's code and address.
 */
import { FlagsError, isFlagsError } from '../../core/errors/flags-error.js';
import { propertyOf } from '../../core/given/given-value.js';
import { tlsFault } from './tls-fault.js';

/** A standby, or where it was so decided. */
export const TAKES_NO_WRITES = '25006';

const runsAndIsThere = 'check that it runs, and its host and port';
const ends =
  'it ends connections at the moment, since it is stopped or restarted: it will answer when it is up again';
const notYet = 'it is starting or recovering: it will answer soon';
const login = 'user or password is wrong: check them in the URL, or in the pool that you give';
const full = 'it has no room left: free disk space, or raise its limits';
const late = 'it took too long: look for a long lock on the table, or raise statement_timeout';

/** Why and what to do, by SQLSTATE. */
const advice: ReadonlyMap<string, string> = new Map([
  ['28P01', login],
  ['28000', `${login}, and what pg_hba.conf allows`],
  ['3D000', 'there is no such database: create it, or correct the name in the URL'],
  ['3F000', 'there is no such schema: create it, or correct the option table'],
  [
    '42P01',
    'the table is missing and could not be made: run the SQL that postgresCacheSql() gives, as a user who may create tables',
  ],
  [
    '42883',
    'the functions are missing and could not be made: run the SQL that postgresCacheSql() gives, as a user who may create functions',
  ],
  [
    '42501',
    'the user may not do this: grant SELECT, INSERT, UPDATE and DELETE on the table and EXECUTE on its functions; if they are not there yet, run the SQL that postgresCacheSql() gives as a user who may create them',
  ],
  [
    TAKES_NO_WRITES,
    'it takes no writes, so nothing can be published there: connect to the primary, or end default_transaction_read_only for this user and database',
  ],
  ['53100', full],
  ['53200', 'it is out of memory: give it more, or fewer connections'],
  ['53300', 'it has no connection left: raise max_connections, or use a smaller pool'],
  ['53400', full],
  ['55P03', 'somebody holds a lock on the table for too long: look at pg_locks'],
  ['57014', late],
  ['57P01', ends],
  ['57P02', ends],
  ['57P03', notYet],
  ['40001', 'too many others were at it at the same moment: it will be tried again'],
  ['40P01', 'it was caught in a deadlock, and was ended: it will be tried again'],
  [
    '08P01',
    'the connection was refused as it was asked for; a pooler between may not know a parameter of the URL',
  ],
]);

/** What `pg` says where there is no code. */
const sentences: readonly (readonly [string, string])[] = [
  [
    'timeout exceeded when trying to connect',
    `no connection was free or made in time; ${runsAndIsThere}, and the option max of the pool`,
  ],
  [
    'Connection terminated due to connection timeout',
    `it could not be connected to in time; ${runsAndIsThere}`,
  ],
  [
    'Connection terminated',
    'the connection was lost; look whether it was stopped or restarted, or whether something between ends connections',
  ],
  ['Query read timeout', 'it did not answer in time'],
  ['The server does not support SSL', 'it speaks no TLS: leave sslmode out, or let it'],
  [
    'password must be a string',
    'no password was given: put it into the URL, or into the pool that you give',
  ],
];

const NOT_OURS: ReadonlySet<string> = new Set(['42703', '42804', '42809']);

/** SQLSTATE of an error; '' for an error that is not the server's. */
export function sqlStateOf(error: unknown): string {
  const code = propertyOf(error, 'code');
  // Codes of the system have five letters sometimes, but no digit.
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** @param doing what failed, to stand after "PostgreSQL could not", e.g. `check for a refresh` */
export function postgresFault(error: unknown, doing: string, where: string): FlagsError {
  if (isFlagsError(error)) return error;
  const state = sqlStateOf(error);
  const what = `PostgreSQL could not ${doing} at ${where}`;
  if (NOT_OURS.has(state)) {
    return new FlagsError(
      `${what} (${state}): something of this name is there that is not ours; it was left as it is. Choose another name with the option table, or remove it.`,
      { code: 'foreign-value' },
    );
  }
  if (isEnded(error)) {
    return new FlagsError(
      `${what}: its pool was ended. Keep it open for as long as the app runs.`,
      { code: 'closed' },
    );
  }
  const why = advice.get(state) ?? (state === '' ? systemFault(error) : 'look at its log');
  const message = `${what}${state === '' ? '' : ` (${state})`}: ${why}.`;
  const facts = { code: 'cache-unavailable' } as const;
  return state === TAKES_NO_WRITES
    ? new ReadOnlyFault(message, facts)
    : new FlagsError(message, facts);
}

/** It can be read all the same. */
export class ReadOnlyFault extends FlagsError {}

/** With a code of its own: at the end of an app its owner may end it first, which is no fault. */
function isEnded(error: unknown): boolean {
  return messageIn(error).includes('after calling end on the pool');
}

function systemFault(error: unknown): string {
  // Where a name has several addresses, each of them has failed; one stands for all.
  const errors = propertyOf(error, 'errors');
  const first: unknown = Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
  const code = propertyOf(first, 'code');
  const ofTls = tlsFault(code);
  if (ofTls !== undefined) return `${ofTls} (${String(code)})`;
  if (typeof code === 'string' && propertyOf(first, 'syscall') === 'open') {
    return `a file that the URL names could not be read (${code}): look at sslrootcert, sslcert and sslkey`;
  }
  if (typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)) {
    const [address, port] = [propertyOf(first, 'address'), propertyOf(first, 'port')];
    const place = typeof address === 'string' ? ` at ${address}:${String(port)}` : '';
    return `the connection failed with ${code}${place}; ${runsAndIsThere}`;
  }
  const message = messageIn(error);
  const known = sentences.find(([beginning]) => message.includes(beginning));
  if (known !== undefined) return known[1];
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return `an error of the kind ${kind}; check that it runs and that the pool can connect`;
}

function messageIn(error: unknown): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message : '';
}
