/**
 * Leaves a server alone that does not answer, so that requests do not wait for it one after the
 * other: after some failures in a row nobody asks for a while; then one asks for all, and decides
 * whether the others may again. Written here because its time is the `Clock` port's, which the
 * libraries for it do not take; the pattern is M. Nygard's ("Release It!").
 */
import type { Clock } from '../time/clock.js';

export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** How long it stays open first, in milliseconds; doubled with each probe that fails. */
  readonly shortestOpenMs: number;
  readonly longestOpenMs: number;
}

export const defaultBreaker: BreakerSettings = {
  failures: 5,
  shortestOpenMs: 2_000,
  longestOpenMs: 60_000,
};

/** @publicApi */
export type BreakerState = 'closed' | 'open' | 'half-open';

type Inner =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number; readonly lastedMs: number }
  | { readonly kind: 'half-open'; readonly lastedMs: number };

export interface BreakerParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly settings?: BreakerSettings;
  readonly onChanged: (state: BreakerState) => void;
}

export class Breaker {
  private inner: Inner = { kind: 'closed', failures: 0 };
  private readonly settings: BreakerSettings;

  constructor(private readonly parts: BreakerParts) {
    this.settings = parts.settings ?? defaultBreaker;
  }

  get state(): BreakerState {
    return this.inner.kind;
  }

  /** Whether one may ask now. Who may has to tell how it ended. */
  enter(): boolean {
    const { inner } = this;
    if (inner.kind === 'closed') return true;
    if (inner.kind === 'half-open' || this.parts.clock.monotonicMs() < inner.untilMs) return false;
    this.become({ kind: 'half-open', lastedMs: inner.lastedMs });
    return true;
  }

  succeeded(): void {
    this.become({ kind: 'closed', failures: 0 });
  }

  /** @param leaveAloneMs the server has asked for so long itself */
  failed(leaveAloneMs = 0): void {
    const { inner, settings } = this;
    const { failures, shortestOpenMs, longestOpenMs } = settings;
    if (inner.kind === 'open') return;
    if (inner.kind === 'closed') {
      const inARow = inner.failures + 1;
      const isEnough = inARow >= failures || leaveAloneMs > 0;
      if (isEnough) this.open(shortestOpenMs, leaveAloneMs);
      else this.inner = { kind: 'closed', failures: inARow };
      return;
    }
    this.open(Math.min(longestOpenMs, 2 * inner.lastedMs), leaveAloneMs);
  }

  /** Somebody entered, and went without having asked. */
  left(): void {
    const { inner } = this;
    if (inner.kind !== 'half-open') return;
    this.become({ kind: 'open', untilMs: 0, lastedMs: inner.lastedMs });
  }

  private open(lastedMs: number, leaveAloneMs: number): void {
    const { clock, random } = this.parts;
    const { longestOpenMs } = this.settings;
    const spreadMs = lastedMs * (0.75 + random() / 2);
    const waitMs = Math.max(spreadMs, Math.min(leaveAloneMs, longestOpenMs));
    this.become({ kind: 'open', untilMs: clock.monotonicMs() + waitMs, lastedMs });
  }

  private become(next: Inner): void {
    const changed = next.kind !== this.inner.kind;
    this.inner = next;
    if (changed) this.parts.onChanged(next.kind);
  }
}
