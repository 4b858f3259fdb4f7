/** The table and the functions as SQL, for databases in which an app may make nothing itself. */
import { FlagsError } from '../../core/errors/flags-error.js';
import { DEFAULT_TABLE, isTableName } from './postgres-names.js';
import { schemaStatements } from './postgres-schema.js';

/**
 * The SQL to run by hand, as a user who may create tables and functions; it may be run again. The
 * user of the app then needs USAGE on the schema and SELECT, INSERT, UPDATE, DELETE on the table.
 * @param table as the option `table` of `postgresCache`.
 * @throws FlagsError `invalid-options` for what is no such name.
 * @publicApi
 */
export function postgresCacheSql(table: string = DEFAULT_TABLE): string {
  if (!isTableName(table)) {
    throw new FlagsError(
      "postgresCacheSql got something that is no name of a table: at most 40 letters, digits or _, or a schema and a table, for example 'shop.feature_flags'.",
      { code: 'invalid-options' },
    );
  }
  const statements = schemaStatements(table, { replaces: true });
  return statements.map((statement) => `${statement};\n`).join('\n');
}
