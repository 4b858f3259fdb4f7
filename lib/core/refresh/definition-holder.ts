/**
 * The definitions that this instance holds, and all that belongs to them: the digest by which a
 * change is seen, the etag that the source gave *with them*, and when they were last known to be
 * current. The etag never outlives its data: data from elsewhere comes without it.
 */
import { diffDefinitions } from '../definitions/diff.js';
import { digestOf } from '../definitions/digest.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import { parseDefinitions } from '../definitions/parse-definitions.js';
import { compileFlagDefinitions } from '../evaluation/compile-flag-definitions.js';
import type { CompileOptions } from '../evaluation/flag-snapshot.js';
import type { FlagsObserver } from '../observe/flags-observer.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';

export interface DefinitionHolderParts {
  readonly store: SnapshotStore;
  readonly clock: Clock;
  readonly observer: FlagsObserver;
  readonly compile: Pick<CompileOptions, 'compat' | 'evaluationContexts'>;
}

interface Held {
  readonly definitions: FlagDefinitionCacheData;
  readonly digest: string;
  readonly revision: number;
  readonly etag: string | undefined;
  readonly confirmedAtMs: number;
}

/** What became of a document that was offered. */
export type Acceptance =
  | { readonly ok: true; readonly changed: boolean; readonly held: Held }
  | { readonly ok: false; readonly message: string };

export class DefinitionHolder {
  private current: Held | undefined;

  constructor(private readonly parts: DefinitionHolderParts) {}

  get held(): Held | undefined {
    return this.current;
  }

  /** Milliseconds since the definitions were last known to be current. */
  get ageMs(): number | undefined {
    if (this.current === undefined) return undefined;
    return this.parts.clock.monotonicMs() - this.current.confirmedAtMs;
  }

  /** Takes a document over if it is one; otherwise keeps what is held and says why. */
  accept(body: unknown, where: 'source' | 'cache', etag?: string): Acceptance {
    const { clock, observer } = this.parts;
    const parsed = parseDefinitions(body);
    if (!parsed.ok) {
      observer.onEvent({ type: 'definitions-rejected', where, message: parsed.message });
      return parsed;
    }
    const { definitions, issues } = parsed;
    const digest = digestOf(definitions);
    const previous = this.current;
    const confirmedAtMs = clock.monotonicMs();
    if (previous !== undefined && previous.digest === digest) {
      // The same content read from the cache keeps the etag that the source gave with it.
      const held = { ...previous, etag: where === 'source' ? etag : previous.etag, confirmedAtMs };
      this.current = held;
      return { ok: true, changed: false, held };
    }
    if (issues.length > 0) observer.onEvent({ type: 'definition-issues-found', where, issues });
    const revision = this.nextRevision();
    const held = { definitions, digest, revision, etag, confirmedAtMs };
    this.replace(held, previous);
    return { ok: true, changed: true, held };
  }

  /** The source has said that what is held is current. */
  confirm(etag: string | undefined): Held | undefined {
    if (this.current === undefined) return undefined;
    this.current = {
      ...this.current,
      etag: etag ?? this.current.etag,
      confirmedAtMs: this.parts.clock.monotonicMs(),
    };
    return this.current;
  }

  /** The next fetch asks unconditionally. */
  forgetEtag(): void {
    if (this.current !== undefined) this.current = { ...this.current, etag: undefined };
  }

  /** Replaces the definitions by none at all: every flag becomes unknown. */
  clear(): void {
    if (this.current === undefined || this.current.definitions.flags.length === 0) return;
    const definitions: FlagDefinitionCacheData = { flags: [], cohorts: {} };
    const revision = this.nextRevision();
    const digest = digestOf(definitions);
    const confirmedAtMs = this.current.confirmedAtMs;
    this.replace({ definitions, digest, revision, etag: undefined, confirmedAtMs }, this.current);
  }

  /** Grows with every change and survives a restart, since it is at least the wall clock's ms. */
  private nextRevision(): number {
    return Math.max((this.current?.revision ?? 0) + 1, Math.trunc(this.parts.clock.now()));
  }

  private replace(next: Held, previous: Held | undefined): void {
    const { store, observer, compile, clock } = this.parts;
    const snapshot = compileFlagDefinitions(next.definitions, {
      ...compile,
      revision: next.revision,
      now: () => clock.now(),
    });
    this.current = next;
    store.swap(snapshot);
    const nothing: FlagDefinitionCacheData = { flags: [] };
    observer.onEvent({
      type: 'definitions-changed',
      previousRevision: previous?.revision,
      revision: next.revision,
      flagCount: next.definitions.flags.length,
      ...diffDefinitions(previous?.definitions ?? nothing, next.definitions),
    });
  }
}
