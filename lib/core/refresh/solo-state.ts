/**
 * How an instance stands to its cache. `connected`: the cache answers. `solo`: it does not, and
 * the instance fetches for itself, at its share of a budget for the fleet. `holding`: it answers
 * again, but what it holds may be older than what this instance fetched meanwhile, so its content
 * is ignored until a refresh that was claimed after the reconnection is known to have ended well.
 */
import type { SharedState } from '../cache/definition-cache.js';
import type { Clock } from '../time/clock.js';
import type { TurnResult } from './refresh-outcome.js';
import { firstSoloMs, nextSoloMs } from './solo-pace.js';

type State =
  | { readonly kind: 'connected' }
  | {
      readonly kind: 'solo';
      readonly sinceMs: number;
      readonly dueAtMs: number | undefined;
      readonly changed: boolean;
    }
  | { readonly kind: 'holding'; readonly tokenAtReconnect: number };

/** When the fetch after one for itself may come. */
export interface NextSolo {
  /** Mean time until then; 0 for an instance that has nothing yet. */
  readonly periodMs: number;
  /** The back-off of a failure. */
  readonly atLeastMs: number;
}

export class SoloState {
  private state: State = { kind: 'connected' };

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  get kind(): State['kind'] {
    return this.state.kind;
  }

  /** The cache did not answer. An instance that somebody has asked to refresh fetches at once. */
  cacheFailed({ asked }: { readonly asked: boolean }): undefined {
    const { state } = this;
    const nowMs = this.clock.monotonicMs();
    // A hold survives a second outage: what was fetched alone is still unproved.
    const away =
      state.kind === 'solo'
        ? state
        : { sinceMs: nowMs, dueAtMs: undefined, changed: state.kind === 'holding' };
    this.state = { ...away, kind: 'solo', dueAtMs: asked ? nowMs : away.dueAtMs };
  }

  /** For how long the cache has been away. */
  get awayMs(): number {
    return this.state.kind === 'solo' ? this.clock.monotonicMs() - this.state.sinceMs : 0;
  }

  /** The cache answered. */
  cacheAnswered({ token, verifiedToken }: SharedState): void {
    const { state } = this;
    if (state.kind === 'solo') {
      this.state =
        state.changed && token !== undefined
          ? { kind: 'holding', tokenAtReconnect: token }
          : { kind: 'connected' };
    } else if (state.kind === 'holding' && (verifiedToken ?? 0) > state.tokenAtReconnect) {
      this.state = { kind: 'connected' };
    }
  }

  /** Plans the first fetch of an instance that has definitions, unless one is planned. */
  planFirst(periodMs: number): void {
    if (this.state.kind !== 'solo' || this.state.dueAtMs !== undefined) return;
    const dueAtMs = this.clock.monotonicMs() + firstSoloMs(periodMs, this.random);
    this.state = { ...this.state, dueAtMs };
  }

  get isDue(): boolean {
    if (this.state.kind !== 'solo') return false;
    const { dueAtMs } = this.state;
    return dueAtMs === undefined || this.clock.monotonicMs() >= dueAtMs;
  }

  /**
   * A fetch for itself has ended. Also beside a cache that answers, but gave nothing that could be
   * read: what it holds may be older all the same.
   */
  fetched(result: TurnResult, { periodMs, atLeastMs }: NextSolo): void {
    const { state } = this;
    const hasChanged = result.kind === 'fetched' && result.changed;
    if (state.kind === 'holding' || (state.kind === 'connected' && !hasChanged)) return;
    const nowMs = this.clock.monotonicMs();
    const dueAtMs = nowMs + Math.max(nextSoloMs(periodMs, this.random), atLeastMs);
    this.state =
      state.kind === 'solo'
        ? { ...state, dueAtMs, changed: state.changed || hasChanged }
        : { kind: 'solo', sinceMs: nowMs, dueAtMs, changed: true };
  }
}
