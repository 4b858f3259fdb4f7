/**
 * Every instance fetches every interval, and publishes what is newer: the source carries the whole
 * fleet, and the shared copy serves only those that start, or cannot reach the source. No instance
 * waits for another.
 */
import type { FetchChooser, Look } from './self-chosen.js';

export interface AlwaysSettings {
  readonly intervalMs: number;
  /** Share of the interval by which each fetch may come earlier or later, 0 to 1. */
  readonly jitter: number;
  readonly random: () => number;
}

export class Always implements FetchChooser {
  /** Undefined before the first look. */
  private dueAtMs: number | undefined;

  constructor(private readonly settings: AlwaysSettings) {}

  get whoFetches(): string {
    return `each instance fetches for itself every ${this.settings.intervalMs} ms and publishes what is newer`;
  }

  choose(look: Look): boolean {
    const { intervalMs, jitter, random } = this.settings;
    this.dueAtMs ??= this.firstDueAtMs(look);
    if (look.monotonicMs < this.dueAtMs && !look.kick) return false;
    this.dueAtMs = look.monotonicMs + intervalMs * (1 + jitter * (2 * random() - 1));
    return true;
  }

  /** With a fresh copy there, a whole deploy need not ask the source at the same moment. */
  private firstDueAtMs({ head, isLost, monotonicMs }: Look): number {
    const { intervalMs, random } = this.settings;
    if (head === undefined || isLost || head.ageMs >= intervalMs) return monotonicMs;
    return monotonicMs + random() * (intervalMs - head.ageMs);
  }
}
