/**
 * What the log says of turns: the states and their failures, as one story. A failure that changes
 * the state is told with it, in one line; another has a line of its own, and one when it is over.
 * What flips is told a few times, then once a minute.
 */
import { CacheOutage, cacheStepWords } from './cache-outage.js';
import type { FetchFailure } from '../core/definitions/definition-source.js';
import type {
  CacheShutdownFailed,
  DefinitionsRejected,
  HealthChanged,
  TurnFinished,
} from '../core/observe/flags-event.js';
import type { FlagsFailure } from '../core/observe/flags-failure.js';
import type { HealthState } from '../core/refresh/health.js';
import type { InstanceRole, RefreshOutcome } from '../core/refresh/refresh-outcome.js';
import type { Clock } from '../core/time/clock.js';
import { count } from './counted-names.js';
import type { FlagsLogger } from './flags-logger.js';
import { HealthStory, type StoryStep } from './health-story.js';
import { LineLimit } from './line-limit.js';

const NO_FLAGS = 'No flags are loaded yet.';

export class TurnLog {
  private readonly health: HealthStory;
  private readonly sourceLines: LineLimit;
  private readonly cacheLines: LineLimit;
  private readonly cacheOutage = new CacheOutage();
  private failuresInARow = 0;
  private failureTold: FlagsFailure['code'] | undefined;
  private rejection: DefinitionsRejected | undefined;
  private rejectionTold: string | undefined;
  private role: InstanceRole | undefined;
  /** Until then a failure belongs to the first load, of which the start of the app tells. */
  private hasStarted = false;
  private hasFlags = false;
  /** Told in a line of its own, so that its end has to be as well. */
  private isFailureOpen = false;
  private isCacheOpen = false;
  private wasIdle = false;

  constructor(
    private readonly logger: FlagsLogger,
    clock: Clock,
  ) {
    this.health = new HealthStory(clock);
    this.sourceLines = new LineLimit(clock);
    this.cacheLines = new LineLimit(clock);
  }

  toldThatLoaded(): void {
    this.hasStarted = true;
    this.hasFlags = true;
  }

  toldThatEmpty(): void {
    this.hasStarted = true;
    this.health.toldThatEmpty();
  }

  /** The start of the app has told it, and in which state it is. */
  toldThatBooted(state: HealthState): void {
    this.toldThatLoaded();
    this.health.toldThat(state);
  }

  rejected(event: DefinitionsRejected): void {
    this.rejection = event;
  }

  healthChanged(event: HealthChanged): void {
    this.health.changed(event);
  }

  turnFinished({ outcome, sourceFailure, role, isCopyRefused = false }: TurnFinished): void {
    this.debugTurn(outcome);
    if (outcome.kind === 'closed') return;
    const step = this.health.turnEnded();
    if (step.kind === 'told') this.tellState(step);
    this.tellRejection(step);
    this.tellCache(outcome, isCopyRefused, step);
    if (outcome.kind === 'failed') this.tellFailure(outcome.failure, step);
    else if (outcome.kind !== 'waiting' && sourceFailure === undefined) this.tellRecovery(step);
    if (role !== undefined) this.tellRole(role);
  }

  /** A look that found nothing to do follows another at every check: only the first is told. */
  private debugTurn({ kind, durationMs }: RefreshOutcome): void {
    const isIdle = idleKinds.has(kind);
    const isKnown = isIdle && this.wasIdle;
    this.wasIdle = isIdle;
    if (isKnown) return;
    this.logger.debug?.(`Turn finished: ${kind} after ${Math.round(durationMs)} ms.`);
  }

  private tellState({ line, change: { failure } }: StoryStep & { kind: 'told' }): void {
    this.logger[line.level](line.text);
    // When this instance meets with it too, that is no news.
    if (failure?.where === 'source') this.failureTold = failure.code;
  }

  /** A refused document that has not changed the state: nothing is held yet, or all is well. */
  private tellRejection(step: StoryStep): void {
    const { rejection } = this;
    if (rejection === undefined || rejection.message === this.rejectionTold) return;
    this.rejectionTold = rejection.message;
    if (this.failureTold === 'invalid-definitions') return;
    if (covers(step, rejection.message) || !this.sourceLines.take()) return;
    this.logger.error(
      `Definitions from the ${rejection.where} were refused. ${rejection.message} ${this.kept}`,
    );
  }

  /** Once for each kind of failure in a row; what was told as a refusal or a doubt is not again. */
  private tellFailure({ code, message }: FetchFailure, step: StoryStep): void {
    this.failuresInARow += 1;
    const wasTold = message === this.rejectionTold || code === 'unconfirmed';
    const isTold = this.failureTold === code || wasTold;
    this.failureTold = code;
    if (isTold || covers(step, message)) return;
    // Of the first load there is a line to come, when the app starts without it.
    if (!this.hasStarted || !this.sourceLines.take()) return;
    this.logger.warn(`${message} ${this.kept}`);
    this.isFailureOpen = true;
  }

  private tellRecovery(step: StoryStep): void {
    if (this.isFailureOpen && !tellsOfHealth(step)) {
      const failures = count(this.failuresInARow, 'failure');
      this.logger.log(`Definitions are current again after ${failures}.`);
    }
    this.isFailureOpen = false;
    this.failuresInARow = 0;
    this.failureTold = undefined;
    this.rejection = undefined;
    this.rejectionTold = undefined;
  }

  /** Under claims the lead changes now and then in a healthy fleet: it is no news. */
  private tellRole(role: InstanceRole): void {
    const previous = this.role;
    this.role = role;
    // The role of an app that shares with nobody never changes and is of no interest.
    if (previous === undefined || previous === role) return;
    this.logger.debug?.(`${previous} → ${role}: ${roleMeaning[role]}`);
  }

  /**
   * Whoever knows that the cache is away need not hear it again from each instance that ends, and
   * an app that closes its client first has done nothing wrong.
   */
  shutdownFailed({ message, code }: CacheShutdownFailed): void {
    const level = this.cacheOutage.isOpen || code === 'closed' ? 'debug' : 'warn';
    this.logger[level]?.(
      `The definition cache ${cacheStepWords.shutdown}. ${message} A claim that it held, or a lease, runs out by itself.`,
    );
  }

  /** What is true for evaluations while something fails. */
  private get meanwhile(): string {
    return this.hasFlags ? 'Evaluation goes on with the flags in memory.' : NO_FLAGS;
  }

  private get kept(): string {
    return this.hasFlags ? 'The flags in memory are kept.' : NO_FLAGS;
  }

  private tellCache(
    { cacheFailures }: RefreshOutcome,
    isCopyRefused: boolean,
    step: StoryStep,
  ): void {
    for (const failure of cacheFailures) {
      if (!this.cacheOutage.isNews(failure)) continue;
      if (tellsOfCache(step) || covers(step, failure.message) || !this.cacheLines.take()) continue;
      this.isCacheOpen = true;
      this.logger.warn(
        `The definition cache ${cacheStepWords[failure.step]}. ${failure.message} ${this.meanwhile}`,
      );
    }
    // What was refused lies there still, though it is not read at each turn.
    if (cacheFailures.length > 0 || isCopyRefused || !this.cacheOutage.isOpen) return;
    this.cacheOutage.end();
    if (this.isCacheOpen && !tellsOfHealth(step))
      this.logger.log('The definition cache works again.');
    this.isCacheOpen = false;
  }
}

/** Whether a line on the state has told this, or is held back and would have. */
function covers(step: StoryStep, message: string): boolean {
  return step.kind === 'told' ? step.change.failure?.message === message : step.kind === 'covered';
}

/** Whether a line on the state has told that the cache fails: then each of its steps does. */
function tellsOfCache(step: StoryStep): boolean {
  return step.kind === 'told' && step.change.failure?.where === 'cache';
}

/** Whether a line on the state says how things stand, so that no other need. */
function tellsOfHealth(step: StoryStep): boolean {
  return step.kind !== 'nothing';
}

const idleKinds: ReadonlySet<RefreshOutcome['kind']> = new Set(['unchanged', 'waiting']);

const roleMeaning: Readonly<Record<InstanceRole, string>> = {
  leader: 'this instance fetches the definitions for the others.',
  follower: 'this instance reads what another has fetched.',
  solo: 'the cache cannot say who leads, so this instance fetches for itself, the fleet together at most about four times per interval.',
};
