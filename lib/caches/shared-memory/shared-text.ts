/**
 * One small text that all threads read and replace, without a lock: who replaces it writes the next
 * one into a slot that nobody else uses and then, in one atomic step, makes the root point to it, if
 * the root is still the one that was read. So a thread may be terminated, or stand still, at any
 * moment: what it has not finished is in a slot that nothing points to, and nobody waits for it.
 *
 * A reader copies the slot that the root points to and looks at the root again: unchanged, and the
 * copy is whole, for a slot is written only while nothing points to it (a seqlock). The second look
 * is an atomic change by nothing, since a mere load would let reads before it happen later. The
 * language promises nothing for plain bytes beside atomic ones, so a checksum has the last word.
 */
import { createHash } from 'node:crypto';
import { FlagsError } from '../../core/errors/flags-error.js';
import { SLOT_BYTES, SLOTS, slotBytes, threadsNowMs, word, wordsOf } from './memory-layout.js';

/** A text, with the mark that the root had then. */
export interface SharedReading {
  readonly mark: bigint;
  /** Undefined when there is none yet, or none that is whole. */
  readonly text: string | undefined;
}

const LENGTH_BYTES = 4;
const CHECK_BYTES = 16;
const TEXT_AT = LENGTH_BYTES + CHECK_BYTES;
const MOST_LOOKS = 1_000;

/** A mark is the number of the change and, in its last byte, the slot. 0: nothing yet. */
const SLOT_BITS = 8n;
/** A ticket is when it was drawn, and a number: so no two are the same. */
const TICKET_BITS = 20n;
/** After so long a thread that has a slot and has not pointed to it is taken for dead. */
const ABANDONED_AFTER_MS = 60_000;

export class SharedText {
  private readonly words: BigInt64Array;

  constructor(
    private readonly memory: SharedArrayBuffer,
    private readonly nowMs: () => number = threadsNowMs,
  ) {
    this.words = wordsOf(memory);
  }

  /** @throws FlagsError `cache-unavailable` when others replace it faster than it can be read. */
  read(): SharedReading {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const mark = this.mark();
      const bytes = mark === 0n ? undefined : this.copyOf(slotOf(mark));
      if (this.mark() === mark) return { mark, text: bytes && textIn(bytes) };
    }
    throw new FlagsError(
      `The memory that the threads of this process share was changed ${MOST_LOOKS} times in a row while this thread tried to read it. The definitions in memory are kept, and the next check tries again.`,
      { code: 'cache-unavailable' },
    );
  }

  /**
   * @returns false, changing nothing, when it is no longer the text of this mark, or when all slots
   * are in use at this moment.
   * @throws FlagsError `cache-unavailable` for a text that is too long.
   */
  replace(mark: bigint, text: string): boolean {
    const bytes = Buffer.from(text);
    if (bytes.byteLength > SLOT_BYTES - TEXT_AT) {
      throw new FlagsError(
        `The memory that the threads of this process share has room for ${SLOT_BYTES - TEXT_AT} bytes about its instances and its bodies, and ${bytes.byteLength} were to be written: there are too many instances, or the definitions change all the time. Nothing was changed; bodies are forgotten after ten minutes, and instances can be given several memories.`,
        { code: 'cache-unavailable' },
      );
    }
    const taken = this.take(mark);
    if (taken === undefined) return false;
    this.write(taken.slot, bytes);
    const before = this.holder(slotOf(mark));
    const next = (((mark >> SLOT_BITS) + 1n) << SLOT_BITS) | BigInt(taken.slot);
    const isReplaced = Atomics.compareExchange(this.words, word.root, mark, next) === mark;
    if (!isReplaced) this.release(taken.slot, taken.ticket);
    else if (mark !== 0n) this.release(slotOf(mark), before);
    return isReplaced;
  }

  /** Takes a slot that nobody uses and the root does not point to; undefined when there is none. */
  take(mark: bigint): { readonly slot: number; readonly ticket: bigint } | undefined {
    const ticket = this.drawTicket();
    const inUse = mark === 0n ? undefined : slotOf(mark);
    const others = Array.from({ length: SLOTS }, (_, slot) => slot).filter((at) => at !== inUse);
    const free = others.find((slot) => this.claim(slot, 0n, ticket));
    const slot = free ?? others.find((at) => this.claimAbandoned(at, ticket));
    return slot === undefined ? undefined : { slot, ticket };
  }

  /** Writes into a slot that was taken. */
  write(slot: number, bytes: Uint8Array): void {
    const target = slotBytes(this.memory, slot);
    new DataView(this.memory, target.byteOffset).setUint32(0, bytes.byteLength);
    target.set(checkOf(bytes), LENGTH_BYTES);
    target.set(bytes, TEXT_AT);
  }

  /** A change by nothing: a look that no read before it can overtake. */
  private mark(): bigint {
    return Atomics.or(this.words, word.root, 0n);
  }

  /** Of what is being written meanwhile the length may be any. */
  private copyOf(slot: number): Uint8Array {
    const bytes = slotBytes(this.memory, slot);
    const length = new DataView(this.memory).getUint32(bytes.byteOffset);
    return new Uint8Array(bytes.subarray(0, Math.min(SLOT_BYTES, TEXT_AT + length)));
  }

  private drawTicket(): bigint {
    const number = BigInt.asUintN(Number(TICKET_BITS), Atomics.add(this.words, word.tickets, 1n));
    return (BigInt(this.nowMs() + 1) << TICKET_BITS) | number;
  }

  private holder(slot: number): bigint {
    return Atomics.load(this.words, word.slots + slot);
  }

  private claim(slot: number, holder: bigint, ticket: bigint): boolean {
    return Atomics.compareExchange(this.words, word.slots + slot, holder, ticket) === holder;
  }

  /** Only where all others are in use: a slot of the dead is left alone as long as can be. */
  private claimAbandoned(slot: number, ticket: bigint): boolean {
    const holder = this.holder(slot);
    const isOld = Number(holder >> TICKET_BITS) + ABANDONED_AFTER_MS < this.nowMs();
    return isOld && this.claim(slot, holder, ticket);
  }

  /** Not if another has it by now. */
  private release(slot: number, holder: bigint): void {
    this.claim(slot, holder, 0n);
  }
}

function slotOf(mark: bigint): number {
  return Number(BigInt.asUintN(Number(SLOT_BITS), mark));
}

/** The text in a copy of a slot; undefined when it is not whole. */
function textIn(copy: Uint8Array): string | undefined {
  const bytes = copy.subarray(TEXT_AT);
  const isWhole = Buffer.compare(checkOf(bytes), copy.subarray(LENGTH_BYTES, TEXT_AT)) === 0;
  return isWhole ? Buffer.from(bytes).toString() : undefined;
}

/** The beginning of the SHA-256 of bytes that are this thread's own. */
export function checkOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
}
