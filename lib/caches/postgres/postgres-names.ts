/**
 * The names of one cache in PostgreSQL: a table for all caches of a database, and the functions
 * beside it that say the rules of claims. The format is part of the functions' names: versions of
 * this package that follow other rules have functions of their own and cannot disturb each other.
 */
import { createHash } from 'node:crypto';

/** Raised whenever what a function does or answers changes; a test holds it to their text. */
export const SQL_FORMAT = 'v2';

export const DEFAULT_TABLE = 'nestjs_feature_flags';

export const postgresFunctions = [
  'stage',
  'check',
  'finish',
  'publish',
  'confirm',
  'head',
  'body',
  'members',
  'leave',
  'lead',
  'resign',
] as const;

export type PostgresFunction = (typeof postgresFunctions)[number];

/** Quoted, ready to stand in a statement. */
export interface PostgresNames {
  readonly table: string;
  readonly functions: Readonly<Record<PostgresFunction, string>>;
}

/** `table` or `schema.table`; short enough that the functions' names fit behind it. */
export function isTableName(table: unknown): table is string {
  return typeof table === 'string' && /^([a-z_]\w{0,62}\.)?[a-z_]\w{0,39}$/i.test(table);
}

/** @param table as {@link isTableName} has it. */
export function postgresNames(table: string): PostgresNames {
  const parts = table.split('.');
  const quoted = (ending: string): string =>
    parts.map((part, i) => `"${part}${i === parts.length - 1 ? ending : ''}"`).join('.');
  const functions = postgresFunctions.map((name) => [name, quoted(`_${SQL_FORMAT}_${name}`)]);
  return {
    table: quoted(''),
    functions: Object.fromEntries(functions) as PostgresNames['functions'],
  };
}

/** A channel has at most 63 bytes, a namespace up to 200 characters: so it is hashed. */
export function channelOf(table: string, namespace: string): string {
  const hash = createHash('sha256').update(`${table}\n${namespace}`).digest('hex');
  return `nestjs_feature_flags_${hash.slice(0, 32)}`;
}
