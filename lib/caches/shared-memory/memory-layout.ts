/**
 * How the shared memory is divided. First words that are changed by atomic steps alone; then slots
 * for the contents (a small text that says what lies where); then the room for bodies, which grows.
 *
 * The memory is a `SharedArrayBuffer` that can grow: address space is reserved when it is made, and
 * pages are taken when they are written. A second, larger buffer would have to reach threads that
 * are running already, each by a message of its own; a buffer that grows is the same for all.
 */

/** Changes with anything in this file that two versions of the package could disagree about. */
export const LAYOUT = 2;

/** "FLAGS" and the layout: what the first word holds. */
export const MAGIC = 0x464c414753n * 256n + BigInt(LAYOUT);

/** Where each word is, counted in words of 8 bytes. */
export const word = {
  magic: 0,
  /** The number of the last change, and the slot that it lies in. */
  root: 1,
  /** Counts tickets. */
  tickets: 2,
  /** The wall clock less the clock that all threads share, in milliseconds, when this was made. */
  origin: 3,
  /** Counts publications; of 4 bytes, for that is what can be waited for. */
  changes: 4,
  /** One for each slot: 0, or the ticket of who has it. */
  slots: 8,
} as const;

export const SLOTS = 32;

/**
 * Room for the contents, in bytes: some hundred threads, and the bodies of ten minutes in which
 * definitions change each second. What is not used is never touched, and takes no memory.
 */
export const SLOT_BYTES = 262_144;

const WORD_BYTES = 8;
export const WORDS = word.slots + SLOTS;

const SLOTS_AT = 4_096;
export const BODIES_AT = SLOTS_AT + SLOTS * SLOT_BYTES;

/** It grows by so much at a time, in bytes. */
export const GROWTH_BYTES = 1_048_576;

/** What all Nodes that are supported have, and the types for ES2023 do not know. */
export interface GrowableMemory extends SharedArrayBuffer {
  readonly growable: boolean;
  readonly maxByteLength: number;
  grow(byteLength: number): void;
}

export function newGrowableMemory(byteLength: number, maxByteLength: number): GrowableMemory {
  const Growable = SharedArrayBuffer as unknown as new (
    length: number,
    options: { readonly maxByteLength: number },
  ) => GrowableMemory;
  return new Growable(byteLength, { maxByteLength });
}

/** The one number that threads wait for. */
export function changesIn(memory: SharedArrayBuffer): Int32Array {
  return new Int32Array(memory, word.changes * WORD_BYTES, 1);
}

/** The words of a memory, for atomic steps. */
export function wordsOf(memory: SharedArrayBuffer): BigInt64Array {
  return new BigInt64Array(memory, 0, WORDS);
}

export function slotBytes(memory: SharedArrayBuffer, slot: number): Uint8Array {
  return new Uint8Array(memory, SLOTS_AT + slot * SLOT_BYTES, SLOT_BYTES);
}

/** Where the words end; for the law that nothing overlaps. */
export const WORDS_END_AT = WORDS * WORD_BYTES;
export const SLOTS_BEGIN_AT = SLOTS_AT;

/** Milliseconds by the one clock that all threads of a process share, and that never jumps. */
export function threadsNowMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
