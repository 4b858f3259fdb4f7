/**
 * The door `nestjs-feature-flags/caches/dynamodb`: definitions in a table of DynamoDB over a client
 * that the app has already. It loads no package before it is opened; a cache from a URL needs no
 * door, only the option `cache`.
 */
export { dynamodbCache } from './caches/dynamodb/dynamodb-cache.js';
export type { DynamodbCacheOptions } from './caches/dynamodb/dynamodb-cache.js';
export type { DynamodbClient } from './caches/dynamodb/dynamodb-client.js';
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
