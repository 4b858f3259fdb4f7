/**
 * Looks at the fleet through the cache that it shares: once, or again and again until enough of
 * it has a revision. No look outlasts the deadline of the cache, none takes part in a turn, and
 * looks at the same moment are one. Never rejects for what the cache does.
 */
import { randomUUID } from 'node:crypto';
import type { DefinitionCache } from '../cache/definition-cache.js';
import { BoundedCache } from '../refresh/bounded-cache.js';
import type { RefreshStatus } from '../refresh/refresh-cycle-parts.js';
import type { SnapshotStore } from '../snapshot/snapshot-store.js';
import type { Clock } from '../time/clock.js';
import { heldOpen, pause } from '../time/deadline.js';
import { type Convergence, type ConvergenceRequest, convergenceOf } from './convergence.js';
import { type FleetAnswer, type FleetView, fleetViewOf } from './fleet-view.js';

export interface FleetWatchParts {
  /** Undefined for one that knows PostHog's contract alone. */
  readonly cache: DefinitionCache | undefined;
  readonly store: SnapshotStore;
  readonly cycle: { status(): Pick<RefreshStatus, 'revision' | 'ageMs' | 'role'> };
  readonly clock: Clock;
  readonly random: () => number;
  /** Longest wait for one look. */
  readonly timeoutMs: number;
  /** Longest time between two looks of a wait; about as often the others tell what they hold. */
  readonly checkMs: number;
}

const FIRST_PAUSE_MS = 100;

export class FleetWatch {
  /** The name of this instance among the members; where there are none, a random one. */
  readonly instance: string;
  private readonly closing = new AbortController();
  private readonly bounded: BoundedCache | undefined;
  private inFlight: Promise<FleetAnswer> | undefined;

  constructor(private readonly parts: FleetWatchParts) {
    const { cache, clock, timeoutMs } = parts;
    const { signal } = this.closing;
    this.instance = cache?.instance ?? randomUUID();
    this.bounded = cache?.fleet && new BoundedCache({ cache, clock, timeoutMs, signal });
  }

  /** The fleet as it is now. */
  async view(): Promise<FleetView> {
    const asking = (): Promise<FleetAnswer> => heldOpen(this.parts.clock, () => this.ask());
    this.inFlight ??= asking().finally(() => (this.inFlight = undefined));
    const answer = await this.inFlight;
    const { instance } = this;
    const { revision, ageMs, role } = this.parts.cycle.status();
    return fleetViewOf({ instance, revision, ageMs, role }, answer);
  }

  /** Looks until enough instances have the revision, the time is over, or this one is closed. */
  async converge(request: ConvergenceRequest): Promise<Convergence> {
    const { clock, checkMs, random } = this.parts;
    const startedAtMs = clock.monotonicMs();
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const fleet = await this.view();
      const state = convergenceOf(fleet, request);
      const waitedMs = Math.round(clock.monotonicMs() - startedAtMs);
      const endedBy = this.endOf(state.converged, fleet, waitedMs >= request.timeoutMs);
      if (endedBy !== undefined) {
        return { ...state, endedBy, revision: request.revision, waitedMs, fleet };
      }
      const leftMs = request.timeoutMs - waitedMs;
      const isWoken = await this.pauseOrChange(Math.min(leftMs, pauseMs * (0.5 + random())));
      pauseMs = isWoken ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, checkMs);
    }
  }

  /** Ends every wait. Afterwards a view shows this instance alone. */
  close(): void {
    this.closing.abort();
  }

  private endOf(
    converged: boolean,
    { incomplete }: FleetView,
    isLate: boolean,
  ): Convergence['endedBy'] | undefined {
    if (converged) return 'converged';
    if (this.closing.signal.aborted) return 'closed';
    if (incomplete === 'cache-cannot-tell') return 'fleet-unknown';
    return isLate ? 'timeout' : undefined;
  }

  private async ask(): Promise<FleetAnswer> {
    const { bounded } = this;
    if (this.closing.signal.aborted) return { kind: 'closed' };
    if (bounded === undefined) return { kind: 'cache-cannot-tell' };
    const answer = await bounded.fleet();
    if (this.closing.signal.aborted) return { kind: 'closed' };
    if (!answer.ok) return { kind: 'cache-failed', message: answer.message };
    const { value: members } = answer;
    return members === undefined ? { kind: 'cache-cannot-tell' } : { kind: 'members', members };
  }

  /** A change that has come here comes to the others as well: worth another look soon. */
  private async pauseOrChange(ms: number): Promise<boolean> {
    const { store, clock } = this.parts;
    const { signal } = this.closing;
    const wake = new AbortController();
    const onEnd = (): void => wake.abort();
    let isWoken = false;
    const unsubscribe = store.subscribe(() => {
      isWoken = true;
      wake.abort();
    });
    signal.addEventListener('abort', onEnd, { once: true });
    if (signal.aborted) onEnd();
    await pause(clock, ms, wake.signal, { keepsAlive: true });
    signal.removeEventListener('abort', onEnd);
    unsubscribe();
    return isWoken;
  }
}
