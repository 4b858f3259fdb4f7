/** Where in a shared memory a body finds room: in the first gap that is large enough. */
import { FlagsError } from '../../core/errors/flags-error.js';
import { BODIES_AT, GROWTH_BYTES, type GrowableMemory } from './memory-layout.js';

/** Room that is in use. */
export interface Room {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Where it fits, without regard to how large the memory may become. */
export function firstGap(inUse: readonly Room[], sizeBytes: number): number {
  let offset = BODIES_AT;
  for (const room of inUse.toSorted((a, b) => a.offset - b.offset)) {
    if (room.offset - offset >= sizeBytes) return offset;
    offset = Math.max(offset, room.offset + room.sizeBytes);
  }
  return offset;
}

/**
 * Makes the memory reach at least this far; it may be this far already.
 * @throws FlagsError `cache-unavailable` when it may not become so large.
 */
export function reach(memory: GrowableMemory, endAt: number): void {
  const { maxByteLength } = memory;
  if (endAt > maxByteLength) {
    throw new FlagsError(
      `The memory that the threads of this process share is full: it may take ${maxByteLength} bytes, and with these definitions it would take ${endAt}. Nothing was changed, and the definitions in memory are kept. Give createSharedMemory a larger capacityBytes.`,
      { code: 'cache-unavailable' },
    );
  }
  while (memory.byteLength < endAt) {
    const steps = Math.ceil(endAt / GROWTH_BYTES);
    try {
      memory.grow(Math.min(maxByteLength, steps * GROWTH_BYTES));
    } catch (error) {
      // Another thread may have made it larger than this meanwhile.
      if (memory.byteLength >= endAt) return;
      throw new FlagsError(
        `The memory that the threads of this process share could not grow to ${endAt} bytes: the system has no more for this process. The definitions in memory are kept.`,
        { code: 'cache-unavailable', cause: error },
      );
    }
  }
}
