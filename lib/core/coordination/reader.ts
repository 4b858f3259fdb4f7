/**
 * An instance that only reads: others write the shared copy, and what is not there it does not
 * have. It never asks the source, also not when the cache is away or empty; then its definitions
 * grow old, or do not come, and its state says so.
 */
import type { CacheVerdict, FinishVerdict, HeldFacts } from '../cache/definition-cache.js';
import type { RecordStore } from '../cache/record-store.js';
import type { Coordination } from './coordination.js';
import { stateOfHead } from './head-state.js';

export class ReaderCoordination implements Coordination {
  readonly readsOnly = true;
  readonly whoFetches = 'this instance only reads, and others have to write there';

  constructor(private readonly records: RecordStore) {}

  async check(facts: HeldFacts): Promise<CacheVerdict> {
    return { kind: 'follow', shared: stateOfHead(await this.records.readHead(), facts) };
  }

  /** It has no grants: whoever comes with one got it elsewhere. */
  async publish(): Promise<FinishVerdict> {
    return 'fenced';
  }

  async confirm(): Promise<FinishVerdict> {
    return 'fenced';
  }

  async fail(): Promise<void> {
    // There was no grant to end.
  }

  async unheard(): Promise<void> {
    // The same.
  }

  async release(): Promise<void> {
    // It holds nothing.
  }
}
