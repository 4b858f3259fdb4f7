/**
 * Runs before the whole suite (`npm test`), so that no test waits for an installation: installs
 * what is missing, or says what is missing and how to get it.
 */
import * as needed from './needed-programs.mjs';
import { installMissing } from './programs.mjs';

const { CHROMIUM_PATH, DATABASE_URL } = process.env;
// Redis always: with REDIS_URL too, the tests of faults need servers that they may hurt.
const database = DATABASE_URL
  ? [needed.psql]
  : [needed.initdb, needed.postgres, needed.psql, needed.pgBasebackup];
const browser = CHROMIUM_PATH ? [] : [needed.chromium];

try {
  await installMissing([needed.redisServer, needed.openssl, ...database, ...browser]);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
