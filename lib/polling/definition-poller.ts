/**
 * Calls the refresh cycle again and again: the only door to `@nestjs/schedule`. The poller stands
 * in the app's SchedulerRegistry under a stable name, so that the app can see it and delete it,
 * but it never imports ScheduleModule: a second `forRoot()` would run the app's own jobs twice.
 * Without a registry it polls all the same. A turn is never started while another runs.
 */
import type { SchedulerRegistry } from '@nestjs/schedule';
import type { PushTrouble } from '../core/cache/record-store.js';
import type { Unsubscribe } from '../core/definitions/definition-source.js';
import type { RefreshCycle } from '../core/refresh/refresh-cycle.js';
import type { CancelTimer, Clock } from '../core/time/clock.js';

/** The name under which the poller stands in the SchedulerRegistry. @publicApi */
export const POLLER_NAME = 'nestjs-feature-flags';

/** Hints that come faster than this are answered by one turn; the first of them, at once. */
const SHORTEST_HINT_GAP_MS = 250;

/** Whatever can hint that the definitions may have changed. */
export interface Watchable {
  watch?(onChanged: () => void, onTrouble?: (trouble: PushTrouble) => void): Unsubscribe;
}

export interface DefinitionPollerParts {
  readonly cycle: Pick<RefreshCycle, 'turn' | 'nextTurnMs'>;
  readonly clock: Clock;
  /** Present when the app imports `ScheduleModule.forRoot()`. */
  readonly registry: SchedulerRegistry | undefined;
  /** Watched for hints: the source, the cache. */
  readonly watched: readonly Watchable[];
  /** Told what a watch throws. */
  readonly onWatchFailed?: (error: unknown) => void;
  /** Told when hints stop coming, and when they come again. */
  readonly onPushTrouble?: (trouble: PushTrouble) => void;
}

export class DefinitionPoller {
  private state: 'idle' | 'polling' | 'stopped' = 'idle';
  private name: string | undefined;
  private cancelTimer: CancelTimer = () => undefined;
  private inFlight: Promise<void> | undefined;
  /** A hint came for which no turn has begun yet. */
  private hinted = false;
  /** When the last turn for a hint began. Planned turns do not count: a hint waits for none. */
  private lastHintedAtMs = Number.NEGATIVE_INFINITY;
  private subscriptions: readonly Unsubscribe[] = [];

  constructor(private readonly parts: DefinitionPollerParts) {}

  /** Plans the first turn after the cycle's own delay. Calling it twice does nothing. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'polling';
    this.register();
    this.subscriptions = this.parts.watched.flatMap((watched) => this.subscribe(watched) ?? []);
    this.arm(this.parts.cycle.nextTurnMs);
  }

  /** Plans no more turns and waits for the one in flight. */
  async stop(): Promise<void> {
    this.state = 'stopped';
    this.cancelTimer();
    this.unsubscribe();
    const { registry } = this.parts;
    if (this.isRegistered()) registry?.deleteInterval(this.name ?? POLLER_NAME);
    await this.inFlight;
  }

  /** Without hints the poll is enough: a watch that cannot be had, or given up, breaks nothing. */
  private subscribe(watched: Watchable): Unsubscribe | undefined {
    try {
      return watched.watch?.(
        () => this.hint(),
        (trouble) => this.parts.onPushTrouble?.(trouble),
      );
    } catch (error) {
      this.parts.onWatchFailed?.(error);
      return undefined;
    }
  }

  private unsubscribe(): void {
    for (const unsubscribe of this.subscriptions) {
      try {
        unsubscribe();
      } catch (error) {
        this.parts.onWatchFailed?.(error);
      }
    }
    this.subscriptions = [];
  }

  /** The definitions may have changed: take a turn soon. */
  private hint(): void {
    if (this.state !== 'polling') return;
    const planned = this.hinted;
    this.hinted = true;
    if (!planned && this.inFlight === undefined) this.armForHint();
  }

  private armForHint(): void {
    const sinceMs = this.parts.clock.monotonicMs() - this.lastHintedAtMs;
    this.arm(Math.max(0, SHORTEST_HINT_GAP_MS - sinceMs));
  }

  private arm(delayMs: number): void {
    this.cancelTimer();
    this.cancelTimer = this.parts.clock.setTimer(delayMs, () => {
      this.inFlight = this.tick().finally(() => {
        this.inFlight = undefined;
        this.afterTick();
      });
    });
  }

  private async tick(): Promise<void> {
    if (!this.isRegistered()) {
      this.state = 'stopped'; // the app has deleted it
      this.unsubscribe();
      return;
    }
    if (this.hinted) this.lastHintedAtMs = this.parts.clock.monotonicMs();
    this.hinted = false;
    await this.parts.cycle.turn();
  }

  private afterTick(): void {
    if (this.state !== 'polling') return;
    if (this.hinted) this.armForHint();
    else this.arm(this.parts.cycle.nextTurnMs);
  }

  /**
   * The registry gets a marker in place of a timer, since every turn has a timer of its own: an
   * app that deletes the name ends the polling at the next tick.
   */
  private register(): void {
    const { registry } = this.parts;
    if (registry === undefined) return;
    let name = POLLER_NAME;
    for (let n = 2; registry.doesExist('interval', name); n += 1) name = `${POLLER_NAME}:${n}`;
    registry.addInterval(name, { poller: this });
    this.name = name;
  }

  private isRegistered(): boolean {
    const { registry } = this.parts;
    if (registry === undefined || this.name === undefined) return true;
    return registry.doesExist('interval', this.name);
  }
}
