/**
 * How an instance stands to its cache. `connected`: the cache answers. `solo`: it does not, and
 * the instance fetches for itself, rarely. `holding`: it answers again, but what it holds may be
 * older than what this instance fetched meanwhile, so its content is ignored until a refresh
 * that was claimed after the reconnection is known to have ended well.
 */
import type { SharedState } from '../cache/definition-cache.js';

type State =
  | { readonly kind: 'connected' }
  | { readonly kind: 'solo'; readonly dueAtMs: number | undefined; readonly changed: boolean }
  | { readonly kind: 'holding'; readonly tokenAtReconnect: number };

export class SoloState {
  private state: State = { kind: 'connected' };

  get kind(): State['kind'] {
    return this.state.kind;
  }

  /** The cache did not answer. */
  cacheFailed(): undefined {
    if (this.state.kind === 'solo') return;
    // A hold survives a second outage: what was fetched alone is still unproved.
    this.state = { kind: 'solo', dueAtMs: undefined, changed: this.state.kind === 'holding' };
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

  /** Plans the next fetch, unless one is planned. */
  planOnce(dueAtMs: number): void {
    if (this.state.kind !== 'solo' || this.state.dueAtMs !== undefined) return;
    this.state = { ...this.state, dueAtMs };
  }

  isDue(nowMs: number): boolean {
    if (this.state.kind !== 'solo') return false;
    return this.state.dueAtMs === undefined || nowMs >= this.state.dueAtMs;
  }

  /** A fetch for itself has ended; `changed` when it replaced what was in memory. */
  fetched(changed: boolean, nextDueAtMs: number): void {
    if (this.state.kind !== 'solo') return;
    this.state = { kind: 'solo', dueAtMs: nextDueAtMs, changed: this.state.changed || changed };
  }
}
