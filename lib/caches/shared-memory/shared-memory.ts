/**
 * The memory that the threads of a process share, as an app holds it: made once in the main thread,
 * handed to each worker as it is. It is a plain object around a `SharedArrayBuffer`, so that
 * `workerData` and `postMessage` carry it; what arrives is checked, for it may have been sent to
 * another process, which gets a copy of nothing, or been made by another version of this package.
 */
import { types } from 'node:util';
import { FlagsError } from '../../core/errors/flags-error.js';
import {
  BODIES_AT,
  LAYOUT,
  MAGIC,
  newGrowableMemory,
  threadsNowMs,
  word,
  wordsOf,
  type GrowableMemory,
} from './memory-layout.js';

const KIND = 'nestjs-feature-flags/shared-memory';

/** What {@link createSharedMemory} gives: hand it to workers as it is, and read nothing in it. @publicApi */
export interface SharedMemory {
  readonly kind: typeof KIND;
  readonly layout: number;
  readonly buffer: SharedArrayBuffer;
}

/** @publicApi */
export interface SharedMemoryOptions {
  /**
   * The most that it may ever take, in bytes, 16 MiB to 4 GiB. Only addresses are reserved; memory
   * is taken as definitions come. The bodies of the last ten minutes lie in it.
   * @default 268_435_456 (256 MiB)
   */
  readonly capacityBytes?: number;
}

const DEFAULT_CAPACITY_BYTES = 256 * 1_048_576;
const LEAST_CAPACITY_BYTES = 16 * 1_048_576;
const HIGHEST_CAPACITY_BYTES = 4_096 * 1_048_576;

/**
 * Makes a memory in which the threads of this process share definitions. Call it once, in the main
 * thread: `new Worker(file, { workerData: { flags: createSharedMemory() } })`.
 * @throws FlagsError `invalid-options` for a capacity that cannot be.
 * @publicApi
 */
export function createSharedMemory(options: SharedMemoryOptions = {}): SharedMemory {
  const { capacityBytes = DEFAULT_CAPACITY_BYTES } = options;
  const isPossible =
    Number.isInteger(capacityBytes) &&
    capacityBytes >= LEAST_CAPACITY_BYTES &&
    capacityBytes <= HIGHEST_CAPACITY_BYTES;
  if (!isPossible) {
    throw new FlagsError(
      `createSharedMemory got ${String(capacityBytes)} as capacityBytes, expected a whole number of bytes from ${LEAST_CAPACITY_BYTES} (16 MiB) to ${HIGHEST_CAPACITY_BYTES} (4 GiB). Leave it out for ${DEFAULT_CAPACITY_BYTES}.`,
      { code: 'invalid-options' },
    );
  }
  const buffer = reserve(capacityBytes);
  const words = wordsOf(buffer);
  Atomics.store(words, word.origin, BigInt(Date.now() - threadsNowMs()));
  Atomics.store(words, word.magic, MAGIC);
  return { kind: KIND, layout: LAYOUT, buffer };
}

function reserve(capacityBytes: number): GrowableMemory {
  try {
    return newGrowableMemory(BODIES_AT, capacityBytes);
  } catch (error) {
    throw new FlagsError(
      `createSharedMemory could not reserve ${capacityBytes} bytes of address space: the system has set a limit to this process. Give a smaller capacityBytes.`,
      { code: 'invalid-options', cause: error },
    );
  }
}

/** What is wrong with a memory that was handed over; undefined when nothing is. */
export function faultOfMemory(given: unknown): string | undefined {
  const { kind, layout, buffer } = Object(given) as Partial<Record<keyof SharedMemory, unknown>>;
  if (kind !== KIND) {
    return 'expects what createSharedMemory() gave in the main thread, handed to a worker as workerData or by postMessage.';
  }
  if (!types.isSharedArrayBuffer(buffer)) {
    return 'got a memory without its bytes: it was sent to another process, or as JSON. Threads of one process can share it, processes (also those of node:cluster) cannot: give those a cache in a folder (fileCache) or on a server.';
  }
  const isOurs = buffer.byteLength >= BODIES_AT && 'grow' in buffer;
  const magic = isOurs ? Atomics.load(wordsOf(buffer), word.magic) : undefined;
  if (layout === LAYOUT && magic === MAGIC) return undefined;
  return `got a memory that another version of nestjs-feature-flags has made (layout ${String(layout)}, here it is ${LAYOUT}), or that was damaged: all threads of a process must load the same version.`;
}
