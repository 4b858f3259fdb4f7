/**
 * Records that a value was read, once for each person, flag, value and groups. Called on the way of
 * every evaluation that counts: it never throws, never waits, and does next to nothing for what was
 * reported before. Nobody's exposure is none, nor is the value of an override.
 */
import type { Awaitable } from '../cache/flag-definition-cache-provider.js';
import type { Unsubscribe } from '../definitions/definition-source.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import { hasMethod } from '../given/given-value.js';
import type { AnswerNotes } from '../remote/answer-facts.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';
import { exposureOf } from './exposure-of.js';
import type { ExposureCounts, ExposureOutlet } from './exposure-sink.js';
import type { ExposureTally } from './exposure-tally.js';
import { ReportedExposures, markOf } from './reported-exposures.js';

export interface ExposuresParts {
  readonly outlet: ExposureOutlet;
  readonly tally: ExposureTally;
  readonly store: SnapshotStore;
  readonly notes: AnswerNotes;
  readonly clock: Clock;
  readonly reported?: ReportedExposures;
}

const noGroups: Readonly<Record<string, string>> = Object.freeze({});

/** Of id, key and groups together. What is longer was hardly written by the app itself. */
const LONGEST_EXPOSURE = 4_096;

export class Exposures {
  private readonly reported: ReportedExposures;
  /** By document: a snapshot may stand over another, with the same one. */
  private readonly loadedAt = new WeakMap<FlagDefinitionCacheData, number>();
  private readonly unsubscribe: Unsubscribe;
  /** What is decided here is one object for all to whom it happens: its mark is made once. */
  private readonly marks = new WeakMap<FlagEvaluation, string>();
  private readonly beingTaken = new Set<string>();
  private isClosed = false;

  constructor(private readonly parts: ExposuresParts) {
    const { store, clock, reported } = parts;
    this.reported = reported ?? new ReportedExposures();
    if (store.current !== undefined) this.loadedAt.set(store.current.definitions, clock.now());
    this.unsubscribe = store.subscribe(({ current }) => {
      this.loadedAt.set(current.definitions, clock.now());
    });
  }

  get counts(): ExposureCounts {
    return this.parts.outlet.counts;
  }

  /** Records an evaluation once it is there, and gives it back. */
  recorded(
    evaluation: Awaitable<FlagEvaluation>,
    context: EvaluationContext | undefined,
    snapshot: FlagSnapshot,
  ): Awaitable<FlagEvaluation> {
    if (!hasMethod(evaluation, 'then')) return this.record(evaluation, context, snapshot);
    return Promise.resolve(evaluation).then((known) => this.record(known, context, snapshot));
  }

  /** The same of one that is there. */
  record(
    evaluation: FlagEvaluation,
    context: EvaluationContext | undefined,
    snapshot: FlagSnapshot,
  ): FlagEvaluation {
    if (this.isClosed || context === undefined || evaluation.origin === 'override') {
      return evaluation;
    }
    try {
      this.report(evaluation, context, snapshot);
    } catch {
      // A context may be anything, and may throw when it is read: evaluation has said so by then.
    }
    return evaluation;
  }

  /** Sends what is left within so many milliseconds, and nothing afterwards. Never rejects. */
  async close(timeoutMs: number): Promise<void> {
    this.isClosed = true;
    this.unsubscribe();
    await this.parts.outlet.close(timeoutMs);
    this.reported.clear();
  }

  private report(
    evaluation: FlagEvaluation,
    context: EvaluationContext,
    snapshot: FlagSnapshot,
  ): void {
    const { distinctId } = context;
    if (typeof distinctId !== 'string' || distinctId === '') return;
    const mark = this.markOf(evaluation, context.groups ?? noGroups);
    if (this.reported.has(distinctId, mark)) return;
    const { clock, notes, outlet, tally } = this.parts;
    if (distinctId.length + mark.length > LONGEST_EXPOSURE) return tally.refuse();
    const exposure = exposureOf({
      evaluation,
      context,
      snapshot,
      loadedAt: this.loadedAt.get(snapshot.definitions),
      noted: notes.of(evaluation),
      nowAt: clock.now(),
    });
    const read = `${distinctId.length}:${distinctId}${mark}`;
    // A sink that reads while it takes would be given the same without end.
    if (this.beingTaken.has(read)) return;
    this.beingTaken.add(read);
    // What finds no room leaves no mark: it is reported when it is read again.
    if (outlet.take(exposure)) this.reported.add(distinctId, mark);
    this.beingTaken.delete(read);
  }

  private markOf(evaluation: FlagEvaluation, groups: Readonly<Record<string, string>>): string {
    const { key, value, origin } = evaluation;
    const isShared = origin === 'local' && value !== undefined;
    if (groups !== noGroups || !isShared) return markOf(key, value, groups);
    const known = this.marks.get(evaluation);
    if (known !== undefined) return known;
    const mark = markOf(key, value, groups);
    this.marks.set(evaluation, mark);
    return mark;
  }
}
