/**
 * What is made in the database: one table, and the functions beside it. Every statement can be run
 * again, by many at once: it makes what is missing, and a complaint that somebody else has just
 * made the same means that it is there.
 */
import { postgresFunctions, postgresNames, type PostgresFunction } from './postgres-names.js';
import { checkSql } from './sql/check-sql.js';
import { timeOfStoreSql, timeOfTestSql, type SqlParts } from './sql/common-sql.js';
import { finishSql } from './sql/finish-sql.js';
import { resignSql, leadSql } from './sql/lease-sql.js';
import { stageSql } from './sql/publication-sql.js';
import {
  bodySql,
  confirmSql,
  headSql,
  leaveSql,
  membersSql,
  publishSql,
} from './sql/record-sql.js';

const bodiesOfFunctions: Readonly<Record<PostgresFunction, (parts: SqlParts) => string>> = {
  stage: stageSql,
  check: checkSql,
  finish: finishSql,
  publish: publishSql,
  confirm: confirmSql,
  head: headSql,
  body: bodySql,
  members: membersSql,
  leave: leaveSql,
  lead: leadSql,
  resign: resignSql,
};

/**
 * Half of each page is left free, so that the row of a member is renewed where it lies: without a
 * new entry in the index, and without leaving anything to be cleaned up later. Names compare by
 * their bytes, whatever the language of the database.
 */
function tableSql(table: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (
  namespace text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  facts jsonb NOT NULL CHECK (jsonb_typeof(facts) = 'object'),
  expires_at bigint,
  content bytea,
  PRIMARY KEY (namespace, kind, name)
) WITH (fillfactor = 50)`;
}

export interface SchemaOptions {
  /** What is there already is made anew. False: it is a complaint, which means that it is there. */
  readonly replaces?: boolean;
  /** Where the functions have it from; `argument` is for the comparison with the model. */
  readonly time?: 'store' | 'argument';
}

/** In the order in which they are to be run, each by itself. */
export function schemaStatements(
  table: string,
  { replaces = false, time = 'store' }: SchemaOptions = {},
): readonly string[] {
  const names = postgresNames(table);
  const parts = { table: names.table, time: time === 'store' ? timeOfStoreSql : timeOfTestSql };
  const create = replaces ? 'CREATE OR REPLACE FUNCTION' : 'CREATE FUNCTION';
  const functions = postgresFunctions.map((name) => {
    const bytes = name === 'stage' ? ', bytes bytea' : '';
    return `${create} ${names.functions[name]}(cache text, request jsonb${bytes})
RETURNS text LANGUAGE plpgsql AS $flags$${bodiesOfFunctions[name](parts)}
$flags$`;
  });
  return [tableSql(names.table), ...functions];
}
