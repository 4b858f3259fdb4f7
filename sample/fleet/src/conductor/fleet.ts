/**
 * The three instances, and what they have told: who fetched, who has which revision. The leader
 * is who fetched last; nobody is appointed.
 */
import type { RefreshOutcome } from 'nestjs-feature-flags';
import type { Report } from '../shop/report.js';
import { Complaint } from './complaint.js';
import { Instance } from './instance.js';
import type { Printer } from './printer.js';

/** One question to PostHog by an instance that was granted it. */
export interface Fetch {
  readonly by: string;
  readonly revision: number;
  /** Whether definitions came; else what is held was confirmed. */
  readonly isNew: boolean;
  readonly atMs: number;
}

/** Definitions that an instance took over. */
export interface Change {
  readonly by: string;
  readonly revision: number;
  readonly atMs: number;
}

export interface FleetParts {
  readonly env: Readonly<Record<string, string>>;
  /** Of the first instance; 0: any. */
  readonly firstPort: number;
  readonly printer: Printer;
}

/** What hangs must end; nothing waits that long, however busy the machine is. */
const PATIENCE_MS = 120_000;

export class Fleet {
  readonly instances: readonly Instance[];
  readonly fetches: Fetch[] = [];
  readonly changes: Change[] = [];
  /** Who has left in order, in this order. */
  readonly departures: string[] = [];
  private readonly outcomes = new Map<string, RefreshOutcome>();
  private waiters: (() => void)[] = [];

  constructor(private readonly parts: FleetParts) {
    const { env, firstPort, printer } = parts;
    this.instances = ['a', 'b', 'c'].map((name, index) => {
      const port = firstPort === 0 ? 0 : firstPort + index;
      const onLine = (line: string) => printer.instance(name, line);
      const onReport = (report: Report) => this.hear(name, report);
      return new Instance({ name, port, env, onLine, onReport });
    });
  }

  /** Who fetched last for all, if it still runs. */
  get leader(): Instance | undefined {
    const { by } = this.fetches.at(-1) ?? {};
    return this.instances.find(({ name, isRunning }) => name === by && isRunning);
  }

  /** Whether a turn of the instance has ended, so that it is known who fetched what it has. */
  hasTurned(name: string): boolean {
    return this.outcomes.has(name);
  }

  /** Whether the last look of the instance at the cache was answered, and it follows or leads. */
  isConnected(name: string): boolean {
    const outcome = this.outcomes.get(name);
    if (outcome === undefined || outcome.cacheFailures.length > 0) return false;
    const { kind } = outcome;
    if (kind === 'fetched' || kind === 'confirmed') return outcome.role === 'leader';
    return kind === 'read' || kind === 'unchanged';
  }

  /** Starts those that do not run, and waits until they answer. */
  async start(...instances: readonly Instance[]): Promise<void> {
    for (const instance of instances) instance.start();
    await this.until('the instances open', () => {
      const failed = instances.find(({ hasEnded }) => hasEnded);
      if (failed) throw new Complaint(`The instance ${failed.name} ended at its start: see above.`);
      return instances.every(({ isRunning }) => isRunning);
    });
  }

  async end(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.end('SIGTERM')));
  }

  /**
   * Waits until `look` finds something, and gives it back.
   * @throws Error with the words of `what` when it has not after two minutes
   */
  async until<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
  ): Promise<T> {
    const endsAtMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = await look();
      if (found) return found;
      const leftMs = endsAtMs - performance.now();
      if (leftMs <= 0) throw new Error(`It did not come to pass within two minutes that ${what}.`);
      await this.somethingHeard(Math.min(leftMs, 100));
    }
  }

  private somethingHeard(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  private hear(name: string, report: Report): void {
    const atMs = performance.now();
    if (report.kind === 'changed') this.changes.push({ by: name, revision: report.revision, atMs });
    if (report.kind === 'turn') this.hearTurn(name, report.outcome, atMs);
    if (report.kind === 'left') this.departures.push(name);
    for (const wake of this.waiters.splice(0)) wake();
  }

  private hearTurn(name: string, outcome: RefreshOutcome, atMs: number): void {
    const { printer } = this.parts;
    this.outcomes.set(name, outcome);
    const hasFetched = outcome.kind === 'fetched' || outcome.kind === 'confirmed';
    if (!hasFetched) return;
    const what =
      outcome.kind === 'confirmed' ? 'nothing new' : `new flags, revision ${outcome.revision}`;
    if (outcome.role === 'solo')
      return printer.say(`${name} has asked PostHog for itself: ${what}`);
    const isPublished = outcome.cacheFailures.length === 0;
    if (!isPublished) return printer.say(`${name} has asked PostHog, but could not share: ${what}`);
    const isNew = outcome.kind === 'fetched';
    this.fetches.push({ by: name, revision: outcome.revision, isNew, atMs });
    printer.say(`${name} has asked PostHog for all: ${what}`);
  }
}
