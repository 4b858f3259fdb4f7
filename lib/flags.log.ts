/**
 * What the log says of the definitions, and the only file that says it (of requests it is
 * `request/request.log.ts`). Edges, not levels: a state is told when it
 * begins and when it ends, every turn in between is debug. No key, secret or property value is
 * ever printed.
 */
import type { LoggerService } from '@nestjs/common';
import type { FetchFailure } from './core/definitions/definition-source.js';
import { messageOf } from './core/errors/message-of.js';
import type { DefinitionsChanged, FlagsEvent } from './core/observe/flags-event.js';
import type { FlagsObserver } from './core/observe/flags-observer.js';
import type { CacheFailure, RefreshOutcome } from './core/refresh/refresh-outcome.js';

/** How many keys or issues one line names before it says how many more there are. */
const MOST_NAMED = 10;

export type FlagsLogger = Pick<LoggerService, 'log' | 'warn' | 'error'> & {
  debug?(message: string): void;
};

type Role = 'leader' | 'solo' | 'follower';

export class FlagsLog implements FlagsObserver {
  private failuresInARow = 0;
  private failureTold: FetchFailure['code'] | undefined;
  private role: Role | undefined;
  private rejection: string | undefined;
  private readonly failingCacheSteps = new Set<CacheFailure['step']>();

  constructor(
    private readonly logger: FlagsLogger,
    /** Where the definitions come from, as the source describes itself. */
    private readonly source: string,
  ) {}

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
        return this.definitionsRejected(event.where, event.message);
      case 'turn-finished':
        return this.turnFinished(event.outcome);
      case 'cache-shutdown-failed':
        return this.logger.warn(
          `The definition cache could not be shut down: ${event.message} A lease that it held runs out by itself.`,
        );
      default:
        return event satisfies never;
    }
  }

  /** The first load is not done, and the app starts all the same. */
  startedWithoutDefinitions(facts: {
    readonly ms: number;
    readonly failure: string | undefined;
    readonly isPolling: boolean;
  }): void {
    const why = facts.failure ?? `${this.source} has given none within ${facts.ms} ms.`;
    const then = facts.isPolling ? 'Loading goes on.' : 'Call FlagsService.refresh() to load them.';
    this.logger.warn(
      `The app starts without flag definitions: ${why} ` +
        `Until they are loaded every flag is unresolved (not_ready), and guarded routes are refused unless they say whenUnresolved: 'allow'. ${then}`,
    );
  }

  /** The hints of a source or a cache cannot be had; the poll goes on. */
  watchFailed(error: unknown): void {
    this.logger.warn(
      `Changes of the definitions cannot be watched: ${messageOf(error)} They are found by the poll.`,
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
    this.rejection = undefined;
    if (event.previousRevision === undefined) {
      this.logger.log(
        `${count(event.flagCount, 'flag')} loaded from ${this.source} (revision ${event.revision}).`,
      );
      return;
    }
    const parts = (['added', 'removed', 'changed'] as const).flatMap((kind) =>
      event[kind].length === 0 ? [] : [`${kind} ${named(event[kind])}`],
    );
    const what = parts.length === 0 ? 'nothing that concerns a flag' : parts.join('; ');
    this.logger.log(`Definitions changed (revision ${event.revision}): ${what}.`);
  }

  private definitionsRejected(where: 'source' | 'cache', message: string): void {
    if (this.rejection === message) return;
    this.rejection = message;
    this.logger.error(
      `Definitions from the ${where} were refused, the last good ones, if any, are kept: ${message}`,
    );
  }

  private turnFinished(outcome: RefreshOutcome): void {
    this.logger.debug?.(
      `Turn finished: ${outcome.kind} after ${Math.round(outcome.durationMs)} ms.`,
    );
    this.tellCache(outcome);
    if (outcome.kind === 'closed' || outcome.kind === 'waiting') return;
    if (outcome.kind === 'failed') {
      this.failuresInARow += 1;
      this.tellFailure(outcome.failure);
      return;
    }
    if (this.failuresInARow > 0) {
      this.logger.log(
        `Definitions are current again after ${count(this.failuresInARow, 'failure')}.`,
      );
    }
    this.failuresInARow = 0;
    this.failureTold = undefined;
    this.rejection = undefined;
    this.tellRole('role' in outcome ? outcome.role : 'follower');
  }

  /** Once for each kind of failure in a row; what was told as a refusal is not told again. */
  private tellFailure({ code, message }: FetchFailure): void {
    const isTold = this.failureTold === code || message === this.rejection;
    this.failureTold = code;
    if (!isTold) this.logger.warn(`${message} The flags in memory, if any, are kept.`);
  }

  private tellRole(role: Role): void {
    const previous = this.role;
    this.role = role;
    // The role of an app that shares with nobody never changes and is of no interest.
    if (previous === undefined || previous === role) return;
    this.logger.log(`${previous} → ${role}: ${roleMeaning[role]}`);
  }

  private tellCache({ kind, cacheFailures }: RefreshOutcome): void {
    if (kind === 'closed') return;
    for (const { step, message } of cacheFailures) {
      if (this.failingCacheSteps.has(step)) continue;
      this.failingCacheSteps.add(step);
      this.logger.warn(
        `The definition cache failed at ${step}: ${message} Evaluation goes on with the definitions in memory.`,
      );
    }
    if (cacheFailures.length > 0 || this.failingCacheSteps.size === 0) return;
    this.failingCacheSteps.clear();
    this.logger.log('The definition cache works again.');
  }
}

const roleMeaning: Readonly<Record<Role, string>> = {
  leader: 'this instance fetches the definitions for the others.',
  follower: 'this instance reads what another has fetched.',
  solo: 'the cache cannot say who leads, so this instance fetches for itself, rarely.',
};

function nameOf(observer: FlagsObserver): string {
  const name: unknown = (observer.constructor as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name : 'without a class';
}

function named(names: readonly string[], separator = ', '): string {
  const shown = names.slice(0, MOST_NAMED).join(separator);
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
