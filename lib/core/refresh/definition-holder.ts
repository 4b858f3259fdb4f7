/**
 * The definitions that this instance holds, and all that belongs to them: the digest by which a
 * change is seen, the etag that the source gave *with them*, and when they were last known to be
 * current. The etag never outlives its data, and the revision never goes backwards.
 */
import { diffDefinitions } from '../definitions/diff.js';
import { digestOf } from '../definitions/digest.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import { keepUnchanged } from '../definitions/keep-unchanged.js';
import type { DefinitionIssue } from '../definitions/parse-definitions.js';
import { parseDefinitions } from '../definitions/parse-definitions.js';
import { compileInPlaceOf } from '../evaluation/compile-flag-definitions.js';
import type { CompileOptions } from '../evaluation/flag-snapshot.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';
import type { DocumentPlace } from './document-place.js';
import type { RefreshStatus } from './refresh-cycle-parts.js';

export interface DefinitionHolderParts {
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly observer: FlagsObserver;
  readonly compile: Pick<CompileOptions, 'compat' | 'evaluationContexts'>;
}

export interface Held {
  readonly definitions: FlagDefinitionCacheData;
  readonly digest: string;
  /** 0 for what the snapshot file has given and nobody has confirmed. */
  readonly revision: number;
  readonly where: DocumentPlace;
  readonly etag: string | undefined;
  readonly confirmedAtMs: number;
}

/** A document that is a definitions document, not yet taken over. */
export interface Examined {
  readonly definitions: FlagDefinitionCacheData;
  readonly digest: string;
  /** Whether it differs from what is held. */
  readonly changed: boolean;
  readonly where: DocumentPlace;
}

export type Examination =
  ({ readonly ok: true } & Examined) | { readonly ok: false; readonly message: string };

/** What is known of a document besides its content. */
export interface Provenance {
  /** Undefined where there is none: the holder gives the next one of its own. */
  readonly revision?: number | undefined;
  readonly etag?: string | undefined;
  /** Time since the content was confirmed. @default 0 */
  readonly ageMs?: number | undefined;
}

export class DefinitionHolder {
  private current: Held | undefined;
  /** Digest of the document whose issues were told last. */
  private issuesTold: string | undefined;

  constructor(private readonly parts: DefinitionHolderParts) {}

  get held(): Held | undefined {
    return this.current;
  }

  /** Milliseconds since the definitions were last known to be current. */
  get ageMs(): number | undefined {
    if (this.current === undefined) return undefined;
    return this.parts.clock.monotonicMs() - this.current.confirmedAtMs;
  }

  /** Neither the source nor the cache has given anything yet: what is held, if anything, is a file's. */
  get isCold(): boolean {
    return this.current === undefined || this.current.revision === 0;
  }

  status(): Pick<RefreshStatus, 'revision' | 'ageMs' | 'loadedFrom'> {
    const { revision, where: loadedFrom } = this.current ?? {};
    return { revision, loadedFrom, ageMs: this.ageMs };
  }

  /**
   * Reads a document, and says what is wrong with it.
   * @param knownDigest where it is known without computing it.
   */
  examine(body: unknown, where: DocumentPlace, knownDigest?: string): Examination {
    const { observer } = this.parts;
    const parsed = parseDefinitions(body);
    if (!parsed.ok) {
      observer.onEvent({ type: 'definitions-rejected', where, message: parsed.message });
      return parsed;
    }
    const { definitions } = parsed;
    const digest = knownDigest ?? digestOf(definitions);
    const changed = digest !== this.current?.digest;
    if (changed && digest !== this.issuesTold) this.tellIssues(parsed.issues, where);
    // One that is looked at twice before it is taken over is told of once.
    this.issuesTold = digest;
    return { ok: true, definitions, digest, changed, where };
  }

  /**
   * Takes a document over.
   * @returns false, changing nothing, when it is older than what is held.
   */
  take(examined: Examined, { revision, etag, ageMs = 0 }: Provenance): boolean {
    const { definitions, digest, changed, where } = examined;
    const previous = this.current;
    const confirmedAtMs = this.parts.clock.monotonicMs() - ageMs;
    if (previous !== undefined && !changed) {
      const known = this.isCold ? this.nextRevision() : previous.revision;
      const latest = revision === undefined ? known : Math.max(previous.revision, revision);
      this.current = { ...previous, revision: latest, where, etag, confirmedAtMs };
      return true;
    }
    if (revision !== undefined && revision < (previous?.revision ?? 0)) return false;
    const next = revision ?? this.nextRevision();
    this.replace({ definitions, digest, revision: next, where, etag, confirmedAtMs });
    return true;
  }

  /** What is held was confirmed so long ago, by whoever asked the source. */
  confirm({ etag, ageMs = 0, revision = 0 }: Provenance, by: DocumentPlace): void {
    if (this.current === undefined) return;
    const { where } = this.current;
    this.current = {
      ...this.current,
      where: where === 'snapshot-file' ? by : where,
      revision: Math.max(this.current.revision, revision),
      etag: etag ?? this.current.etag,
      confirmedAtMs: this.parts.clock.monotonicMs() - ageMs,
    };
  }

  /** The next fetch asks unconditionally. */
  forgetEtag(): void {
    if (this.current !== undefined) this.current = { ...this.current, etag: undefined };
  }

  /** Replaces the definitions by none at all: every flag becomes unknown. */
  clear(): void {
    if (this.current === undefined || this.current.definitions.flags.length === 0) return;
    const { confirmedAtMs } = this.current;
    const definitions: FlagDefinitionCacheData = { flags: [], cohorts: {} };
    const digest = digestOf(definitions);
    const next = { definitions, digest, revision: this.nextRevision(), etag: undefined };
    this.replace({ ...next, where: 'source', confirmedAtMs });
  }

  /** Grows with every change and survives a restart, since it is at least the wall clock's ms. */
  private nextRevision(): number {
    return Math.max((this.current?.revision ?? 0) + 1, Math.trunc(this.parts.clock.now()));
  }

  private tellIssues(issues: readonly DefinitionIssue[], where: DocumentPlace): void {
    if (issues.length === 0) return;
    this.parts.observer.onEvent({ type: 'definition-issues-found', where, issues });
  }

  private replace(next: Held): void {
    const { store, observer, compile, clock } = this.parts;
    const previous = this.current;
    const { revision, where } = next;
    const definitions =
      previous === undefined
        ? next.definitions
        : keepUnchanged(previous.definitions, next.definitions);
    const snapshot = compileInPlaceOf(store.current, definitions, {
      ...compile,
      revision,
      now: () => clock.now(),
    });
    this.current = { ...next, definitions };
    store.swap(snapshot);
    observer.onEvent({
      type: 'definitions-changed',
      previousRevision: previous?.revision,
      revision,
      flagCount: definitions.flags.length,
      where,
      ...diffDefinitions(previous?.definitions ?? { flags: [] }, definitions),
    });
  }
}
