/**
 * The shared record that was refused last. It lies there until another is published, and is found
 * at every check: its body is not moved again for that, only the head is looked at.
 */
import type { FlagsError } from '../errors/flags-error.js';
import type { RecordHead } from './definition-record.js';
import type { RecordStore } from './record-store.js';

export class RefusalMemory {
  private last: { readonly head: RecordHead; readonly error: FlagsError } | undefined;

  constructor(private readonly records: Pick<RecordStore, 'readHead'>) {}

  /** @returns the error, to be thrown. */
  remember(head: RecordHead, error: FlagsError): FlagsError {
    this.last = { head, error };
    return error;
  }

  /** Whether a record with this revision was refused. */
  mayKnow(revision: number): boolean {
    return this.last?.head.revision === revision;
  }

  /**
   * @throws FlagsError the one of before, while the same record lies there: two histories of one
   * store can have given one revision twice.
   */
  async throwAgain(revision: number): Promise<void> {
    const { last } = this;
    const head = await this.records.readHead();
    if (last === undefined || head === undefined || head.revision !== revision) return;
    const { schema, digest, codec, sizeBytes } = last.head;
    const isSame = head.schema === schema && head.digest === digest && head.codec === codec;
    if (isSame && head.sizeBytes === sizeBytes) throw last.error;
    this.last = undefined;
  }
}
