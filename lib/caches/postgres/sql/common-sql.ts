/**
 * What the functions of a cache share: the clock, reading and writing the state. They are functions
 * in the database, and not statements with common table expressions, because each statement inside
 * a function sees what was committed while the function waited for the lock of the row before it:
 * the body that was just laid down, the member that was just seen. One statement would go on with
 * the picture from before it waited. And the clock is read when the lock is held, not before.
 *
 * They run with the rights of who calls them. All times are `clock_timestamp()`: `now()` would be
 * that of the beginning of a transaction that somebody else may have opened.
 */
import { HIGHEST_STORED } from '../../../core/coordination/whole-number.js';

/** The clock of the store, in whole milliseconds. */
export const timeOfStoreSql = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';

/** For the comparison with the model only: the time as the caller says. */
export const timeOfTestSql = "(request->>'nowMs')::bigint";

/** How the function is put together with its table and its clock. */
export interface SqlParts {
  /** Quoted. */
  readonly table: string;
  /** An expression for the time in milliseconds. */
  readonly time: string;
}

const numbers = [
  'token',
  'leaseEndsAt',
  'dueAt',
  'notBeforeAt',
  'finishedAt',
  'floor',
  'failuresInARow',
  'verifiedToken',
  'verifiedAt',
  'schema',
  'revision',
  'sizeBytes',
] as const;
const texts = ['holder', 'leader', 'reason', 'digest', 'etag', 'codec'] as const;

/** Variables are not told apart by case; they carry the names of `ClaimState` all the same. */
export const declareState = `
  nowMs bigint;
  stored jsonb;
  loaded jsonb;
  state jsonb;
  hasChanged boolean;
  isBroken boolean;
${numbers.map((name) => `  its_${name} bigint;`).join('\n')}
${texts.map((name) => `  its_${name} text;`).join('\n')}`;

/** What is no whole number was not written by us, and counts as lost. */
export function numberSql(text: string): string {
  return `CASE WHEN ${text} ~ '^[0-9]{1,16}$' AND (${text})::bigint <= ${HIGHEST_STORED}
    THEN (${text})::bigint ELSE 0 END`;
}

const stateSql = `jsonb_build_object(${[...numbers, ...texts]
  .map((name) => `'${name}', its_${name}`)
  .join(', ')})`;

/** Nobody waits longer for a lock than the caller waits for the answer. */
export const boundLocksSql = `
  PERFORM set_config('lock_timeout', request->>'lockTimeoutMs', true);`;

/** @param lock `FOR UPDATE`, or nothing. */
export function loadSql({ table, time }: SqlParts, lock: string): string {
  return `
  SELECT facts INTO stored FROM ${table}
    WHERE namespace = cache AND kind = 'claims' AND name = '' ${lock};
  nowMs := ${time};
${numbers.map((name) => `  its_${name} := ${numberSql(`stored->>'${name}'`)};`).join('\n')}
${texts.map((name) => `  its_${name} := coalesce(stored->>'${name}', '');`).join('\n')}
  loaded := ${stateSql};`;
}

/** The content of a record is gone, was overtaken at an instance, or never was. */
export function lookForBodySql({ table }: SqlParts): string {
  return `
  isBroken := its_revision = 0 OR its_floor > its_revision OR NOT EXISTS (
    SELECT FROM ${table} WHERE namespace = cache AND kind = 'body'
      AND name = its_revision::text AND (expires_at IS NULL OR expires_at > nowMs));`;
}

/** Sets `hasChanged`. */
export const compareSql = `
  state := ${stateSql};
  hasChanged := state IS DISTINCT FROM loaded;`;

/** Needs the row to be there and locked. Fields of a newer version stay as they are. */
export function saveSql({ table }: SqlParts): string {
  return `${compareSql}
  IF hasChanged THEN
    UPDATE ${table} SET facts = facts || state
      WHERE namespace = cache AND kind = 'claims' AND name = '';
  END IF;`;
}

/** The row of the claims, made when it is not there, and locked. */
export function lockSql(parts: SqlParts): string {
  return `
  LOOP
    ${loadSql(parts, 'FOR UPDATE')}
    EXIT WHEN stored IS NOT NULL;
    INSERT INTO ${parts.table} (namespace, kind, name, facts) VALUES (cache, 'claims', '', '{}')
      ON CONFLICT (namespace, kind, name) DO NOTHING;
  END LOOP;`;
}
