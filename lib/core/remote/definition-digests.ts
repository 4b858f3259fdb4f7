/**
 * The digest of the definitions that are evaluated with, computed when it is first asked for. An
 * older snapshot, which a request that is under way may still hold, has none any more.
 */
import { digestOf } from '../definitions/digest.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';

export class DefinitionDigests {
  private known: { readonly snapshot: FlagSnapshot; readonly digest: string } | undefined;

  constructor(private readonly store: Pick<SnapshotStore, 'current'>) {}

  /** Undefined for every revision but the current one. */
  of(revision: number): string | undefined {
    const { current: snapshot } = this.store;
    if (snapshot?.revision !== revision) return undefined;
    if (this.known?.snapshot !== snapshot) {
      this.known = { snapshot, digest: digestOf(snapshot.definitions) };
    }
    return this.known.digest;
  }
}
