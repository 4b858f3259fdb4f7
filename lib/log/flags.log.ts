/**
 * What the log says of the definitions, and the only file that says it (of requests it is
 * `request/request.log.ts`). Edges, not levels: a state is told when it begins and when it ends,
 * every turn in between is debug. A failure that changes the state is told with it, in one line;
 * one that does not has a line of its own. What flips is told a few times, then once a minute. No
 * key, secret or property value is ever printed.
 */
import type { CacheSharing } from '../core/cache/cache-sharing.js';
import type { PushTrouble } from '../core/cache/record-store.js';
import { messageOf } from '../core/errors/message-of.js';
import type {
  DefinitionsChanged,
  DefinitionsDoubted,
  FlagsEvent,
  TurnFinished,
} from '../core/observe/flags-event.js';
import type { FlagsObserver } from '../core/observe/flags-observer.js';
import type { HealthState } from '../core/refresh/health.js';
import type { Clock } from '../core/time/clock.js';
import { count, named } from './counted-names.js';
import { doubtMessage } from './doubt-message.js';
import { durationText } from './duration-text.js';
import type { FlagsLogger } from './flags-logger.js';
import { sharingLine, type SharingTimes } from './sharing-line.js';
import { TurnLog } from './turn-log.js';

/** How the first load has gone when the app starts without it. */
interface StartFacts {
  readonly ms: number;
  readonly failure: string | undefined;
  readonly isPolling: boolean;
}

interface BootFacts extends StartFacts {
  readonly file: string;
  readonly flagCount: number;
  readonly ageMs: number;
  readonly state: HealthState;
}

export class FlagsLog implements FlagsObserver {
  private readonly turns: TurnLog;
  private doubt: string | undefined;
  private sharedIn = '';
  private readsOnly = false;
  /** How many flags the snapshot file has given, until something else has come. */
  private bakedFlags: number | undefined;

  constructor(
    private readonly logger: FlagsLogger,
    /** Where the definitions come from, as the source describes itself. */
    private readonly source: string,
    clock: Clock,
  ) {
    this.turns = new TurnLog(logger, clock);
  }

  onEvent(event: FlagsEvent): void {
    switch (event.type) {
      case 'definitions-changed':
        return this.definitionsChanged(event);
      case 'definition-issues-found':
        return this.logger.warn(
          `Some definitions from the ${event.where} cannot be used and were left out. ${named(
            event.issues.map((issue) => issue.message),
            ' ',
          )}`,
        );
      case 'definitions-rejected':
        return this.turns.rejected(event);
      case 'definitions-doubted':
        return this.definitionsDoubted(event);
      case 'health-changed':
        return this.turns.healthChanged(event);
      case 'turn-finished':
        this.snapshotReplaced(event);
        return this.turns.turnFinished(event);
      case 'cache-shutdown-failed':
        return this.turns.shutdownFailed(event);
      default:
        return event satisfies never;
    }
  }

  /** What the chosen cache promises, and the name of this instance there; told once, at start. */
  cacheOpened(sharing: CacheSharing, times: SharingTimes, instance?: string): void {
    this.sharedIn = sharing.place;
    this.readsOnly = sharing.kind === 'records' && sharing.readsOnly === true;
    const line = sharingLine(sharing, times, instance);
    if (line !== undefined) this.logger[line.level](line.text);
  }

  /** The first load is not done, and the app starts all the same. */
  startedWithoutDefinitions(facts: StartFacts & { readonly refusal?: string | undefined }): void {
    const { why, then } = this.startWords(facts);
    const refusal = facts.refusal === undefined ? '' : `${facts.refusal} `;
    this.turns.toldThatEmpty();
    this.logger.error(
      `The app starts without flag definitions: ${why} ${refusal}` +
        `Until they are loaded every flag is unresolved (not_ready), and guarded routes are refused unless they say whenUnresolved: 'allow'. ${then}`,
    );
  }

  /** The first load is not done, and the app starts with what was put beside it. */
  startedFromSnapshot(facts: BootFacts): void {
    const { why, then } = this.startWords(facts);
    this.turns.toldThatBooted(facts.state);
    this.bakedFlags = facts.flagCount;
    const flags = count(facts.flagCount, 'flag');
    this.logger.warn(
      `The app starts with ${flags} from the snapshot file ${facts.file}, taken ${durationText(facts.ageMs)} ago (state ${facts.state}): ${why} ` +
        `Whatever else comes replaces them. ${then}`,
    );
  }

  /** The snapshot file is not needed now, and could not be used. */
  snapshotFileUseless(message: string): void {
    this.logger.warn(
      `${message} The flags are loaded without it; a start while the cache and ${this.source} are away would have none.`,
    );
  }

  private startWords({ failure, ms, isPolling }: StartFacts) {
    const nobody = this.readsOnly
      ? `${this.sharedIn} had none within ${ms} ms, and this instance only reads.`
      : `${this.source} has given none within ${ms} ms.`;
    return {
      why: failure ?? nobody,
      then: isPolling ? 'Loading goes on.' : 'Call FlagsService.refresh() to load them.',
    };
  }

  /** The hints of a source or a cache cannot be had; the poll goes on. */
  watchFailed(error: unknown): void {
    this.logger.warn(
      `Changes of the definitions cannot be watched: ${messageOf(error)} They are found by the poll.`,
    );
  }

  /** A cache that pushes changes is not heard, or is again; told by the cache itself, each once. */
  pushTroubled(trouble: PushTrouble): void {
    if (trouble.kind === 'recovered') {
      return this.logger.log('Changes of the definitions are pushed again.');
    }
    this.logger.warn(
      `Changes of the definitions are not pushed, but found at the next look. ${trouble.message}`,
    );
  }

  /** An observer of the app threw; this is told once for each. */
  observerFailed(observer: FlagsObserver, error: unknown): void {
    const why = messageOf(error);
    this.logger.error(
      `The observer ${nameOf(observer)} threw: ${why} Its further errors are not told; the flags are not affected.`,
    );
  }

  private definitionsChanged(event: DefinitionsChanged): void {
    this.doubt = undefined;
    // The start of the app has a line of its own for it.
    if (event.where === 'snapshot-file') return;
    if (event.previousRevision === undefined) {
      this.turns.toldThatLoaded();
      this.logger.log(`${this.loaded(event)} (revision ${event.revision}).`);
      return;
    }
    const parts = (['added', 'removed', 'changed'] as const).flatMap((kind) =>
      event[kind].length === 0 ? [] : [`${kind} ${named(event[kind])}`],
    );
    const what = parts.length === 0 ? 'nothing that concerns a flag' : parts.join('; ');
    this.logger.log(`Definitions changed (revision ${event.revision}): ${what}.`);
  }

  /** Also where it has brought no change: from now on the flags are not those of a file. */
  private snapshotReplaced({ outcome }: TurnFinished): void {
    const { bakedFlags } = this;
    if (bakedFlags === undefined || !('revision' in outcome)) return;
    this.bakedFlags = undefined;
    const flagCount = 'flagCount' in outcome ? outcome.flagCount : bakedFlags;
    const isOwn = outcome.kind === 'fetched' || outcome.kind === 'confirmed';
    const loaded = this.loaded({ flagCount, where: isOwn ? 'source' : 'cache' });
    this.logger.log(`${loaded}, in the place of the snapshot file.`);
  }

  private loaded({ flagCount, where }: Pick<DefinitionsChanged, 'flagCount' | 'where'>): string {
    const place = where === 'source' ? this.source : `the shared copy in ${this.sharedIn}`;
    return `${count(flagCount, 'flag')} loaded from ${place}`;
  }

  /** A drop that counts is an error whoever made it; the rest is news. Told once while it lasts. */
  private definitionsDoubted(event: DefinitionsDoubted): void {
    const message = doubtMessage(event, this.source, named(event.keys));
    if (this.doubt === message) return;
    this.doubt = message;
    if (event.why === 'fewer-flags' && event.verdict === 'confirmed') this.logger.error(message);
    else this.logger.warn(message);
  }
}

function nameOf(observer: FlagsObserver): string {
  const name: unknown = (observer.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : 'without a class';
}
