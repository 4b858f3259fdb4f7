/**
 * Time in a contract. With a clock in hand (`advanceMs`) a wait costs nothing and ends exactly;
 * without one, waits are short and real, and what must come is looked for again and again, until
 * patience ends. What must not happen *yet* is always a minute away, so that a slow machine fails
 * no case.
 */
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';

/** A wait that is meant to be over. */
const SOON_MS = 150;
/** A wait of which no case sees the end. */
const LONG_MS = 60_000;
/** How often is looked for what must come. */
const LOOK_MS = 10;
/** One step of a clock in hand while an answer is awaited. */
const STEP_MS = 50;
/** Turns of the event loop before each. */
const TURNS = 10;

/** Below the five seconds after which most runners give a test up. */
export const DEFAULT_PATIENCE_MS = 4_000;

interface TimedPlace {
  advanceMs?(ms: number): Awaitable<void>;
}

export class ContractTime {
  readonly soonMs = SOON_MS;
  readonly longMs = LONG_MS;

  constructor(
    private readonly place: TimedPlace,
    readonly patienceMs: number,
  ) {}

  /** Whether time passes only by {@link pass}. */
  get isInHand(): boolean {
    return this.place.advanceMs !== undefined;
  }

  async pass(ms: number): Promise<void> {
    if (this.place.advanceMs === undefined) await sleep(ms);
    else await this.place.advanceMs(ms);
  }

  /** Real time since some moment, for bounds on what passed beside a case. */
  nowMs(): number {
    return performance.now();
  }

  /** The first look that finds something. @throws Error when patience ends. */
  async eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const endsAtMs = this.nowMs() + this.patienceMs;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      if (this.nowMs() > endsAtMs) throw new Error(`${what}: not within ${this.patienceMs} ms`);
      await sleep(LOOK_MS);
    }
  }

  /** What a call answers or rejects with. @throws Error when it does neither in time. */
  async answer<T>(what: string, call: () => Awaitable<T>): Promise<T> {
    let isSettled = false;
    const answered = (async () => call())().finally(() => {
      isSettled = true;
    });
    if (!this.isInHand) return this.withinPatience(what, answered);
    // Noted before it is awaited, below: a rejection in between is not unhandled.
    answered.catch(() => undefined);
    const endsAtMs = this.nowMs() + this.patienceMs;
    while (!isSettled && this.nowMs() < endsAtMs) {
      // What needs no time comes first.
      for (let turn = 0; turn < TURNS && !isSettled; turn += 1) await setImmediate();
      if (!isSettled) await this.place.advanceMs?.(STEP_MS);
    }
    if (!isSettled) throw new Error(`${what}: no answer within ${this.patienceMs} ms`);
    return answered;
  }

  private async withinPatience<T>(what: string, answered: Promise<T>): Promise<T> {
    const given = new AbortController();
    const late = sleep(this.patienceMs, undefined, given).then(() => {
      throw new Error(`${what}: no answer within ${this.patienceMs} ms`);
    });
    try {
      return await Promise.race([answered, late]);
    } finally {
      late.catch(() => undefined);
      given.abort();
    }
  }
}
