/**
 * The door `nestjs-feature-flags/caches/shared-memory`: definitions in a memory that the worker
 * threads of one process share. It loads no package.
 */
export { createSharedMemory } from './caches/shared-memory/shared-memory.js';
export type { SharedMemory, SharedMemoryOptions } from './caches/shared-memory/shared-memory.js';
export { sharedMemoryCache } from './caches/shared-memory/shared-memory-cache.js';
export type { RecordBackend, RecordSettings } from './core/cache/record-backend.js';
