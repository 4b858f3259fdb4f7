/**
 * The door `nestjs-feature-flags/caches/file`: definitions in a folder, for the processes of one
 * host. It loads no package; a cache from a URL needs no door, only the option `cache`.
 */
export { fileCache } from './caches/file/file-cache.js';
export type { FileCacheOptions, OnNetworkFolder } from './caches/file/file-cache.js';
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
