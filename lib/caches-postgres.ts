/**
 * The door `nestjs-feature-flags/caches/postgres`: definitions in PostgreSQL over a pool that the
 * app has already, or from a URL with more options than a URL has. It loads `pg` only for a URL.
 */
export { postgresCache } from './caches/postgres/postgres-cache.js';
export type { PostgresCacheOptions } from './caches/postgres/postgres-cache.js';
export { postgresCacheSql } from './caches/postgres/postgres-cache-sql.js';
export type { GivenPostgresPool } from './caches/postgres/postgres-queries.js';
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
