/**
 * A process of the operating system, in which an instance lives: it has a clock of its own that
 * goes too fast or too slow, it can stand still, and it can die, at any point where the instance
 * calls out or is answered. A pause defers what is delivered to it and what it sends.
 */
import type { Clock } from '../../../lib/core/time/clock.js';
import type { World } from './world.js';

/** Where an instance calls out, and where it is answered. */
export type YieldPoint =
  | 'check'
  | 'checked'
  | 'fetch'
  | 'fetched'
  | 'finish'
  | 'finished'
  | 'read'
  | 'read-done'
  | 'leave'
  | 'left';

/** How a call is answered. */
export interface Reply<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
}

export interface VirtualProcessParts {
  readonly world: World;
  readonly name: string;
  /** How much faster than the world its clock goes. */
  readonly rate: number;
  /** Its wall clock when the world begins, in milliseconds since 1970. */
  readonly wallStartsAt: number;
  /** Called at each yield point; it may pause or crash the process. */
  readonly onReach: (process: VirtualProcess, point: YieldPoint) => void;
}

export class VirtualProcess {
  readonly clock: Clock;
  private isAlive = true;
  private resumesAtMs = 0;
  /** Time that the clock did not count, since the machine was suspended. */
  private suspendedMs = 0;
  private wallShiftMs = 0;

  constructor(private readonly parts: VirtualProcessParts) {
    this.clock = {
      now: () => parts.wallStartsAt + this.wallShiftMs + parts.world.nowMs,
      monotonicMs: () => this.monotonicMs(),
      setTimer: (delayMs, callback) => this.setTimer(delayMs, callback),
    };
  }

  get name(): string {
    return this.parts.name;
  }

  get alive(): boolean {
    return this.isAlive;
  }

  get rate(): number {
    return this.parts.rate;
  }

  get pausedUntilMs(): number {
    return this.resumesAtMs;
  }

  crash(): void {
    this.isAlive = false;
  }

  /** Stands still; when suspended, as a machine whose lid was closed, its clock does too. */
  pause(ms: number, suspended = false): void {
    const { nowMs } = this.parts.world;
    if (suspended && nowMs >= this.resumesAtMs) this.suspendedMs += ms;
    this.resumesAtMs = Math.max(this.resumesAtMs, nowMs + ms);
  }

  jumpWallClock(byMs: number): void {
    this.wallShiftMs += byMs;
  }

  /** Calls out: `send` runs when the request leaves the process. */
  call<T>(point: YieldPoint, answered: YieldPoint, send: (reply: Reply<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.parts.onReach(this, point);
      const reply: Reply<T> = {
        resolve: (value) => this.deliver(() => resolve(value), answered),
        reject: (reason) => this.deliver(() => reject(reason)),
      };
      this.whenRunning(() => send(reply));
    });
  }

  /** Runs code of the process: late when it stands still, never when it is dead. */
  deliver(run: () => void, point?: YieldPoint): void {
    if (!this.isAlive) return;
    if (point !== undefined) this.parts.onReach(this, point);
    this.whenRunning(run);
  }

  private whenRunning(run: () => void): void {
    if (!this.isAlive) return;
    const { world } = this.parts;
    if (world.nowMs >= this.resumesAtMs) run();
    else world.at(this.resumesAtMs, () => this.whenRunning(run));
  }

  private monotonicMs(): number {
    const { world, rate } = this.parts;
    const sleepingMs = Math.max(0, this.resumesAtMs - world.nowMs);
    const suspendedMs = Math.max(0, this.suspendedMs - sleepingMs);
    return (world.nowMs - suspendedMs) * rate;
  }

  private setTimer(delayMs: number, callback: () => void): () => void {
    const { world, rate } = this.parts;
    const dueMs = this.monotonicMs() + Math.max(0, delayMs);
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled) return;
      const leftMs = dueMs - this.monotonicMs();
      // The clock stood still meanwhile.
      if (leftMs > 0.001) event = world.after(leftMs / rate, wake);
      else callback();
    };
    const wake = (): void => this.deliver(fire);
    let event = world.after(Math.max(0, delayMs) / rate, wake);
    return () => {
      isCancelled = true;
      event.run = undefined;
    };
  }
}
