/** When each instance lived, and when it stood still. */
import type { TraceEvent } from '../trace.js';

export interface Lifetime {
  readonly instance: string;
  readonly rate: number;
  readonly bornAt: number;
  /** When it began to close, died, or the trace ended. */
  readonly endsAt: number;
  readonly pauses: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

export function lifetimesOf(trace: readonly TraceEvent[], endMs: number): readonly Lifetime[] {
  const lives = new Map<string, Lifetime & { pauses: Lifetime['pauses'][number][] }>();
  for (const event of trace) {
    if (event.type === 'booted') {
      const { instance, rate, at: bornAt } = event;
      lives.set(instance, { instance, rate, bornAt, endsAt: endMs, pauses: [] });
    }
    if (event.type === 'died' || event.type === 'closing') {
      const life = lives.get(event.instance);
      if (life !== undefined && life.endsAt === endMs) {
        lives.set(event.instance, { ...life, endsAt: event.at });
      }
    }
    if (event.type === 'paused') {
      const pause = { fromMs: event.at, untilMs: event.untilMs };
      lives.get(event.instance)?.pauses.push(pause);
    }
  }
  return [...lives.values()];
}

/** How much of a span an instance stood still. */
export function pausedMs({ pauses }: Lifetime, fromMs: number, toMs: number): number {
  return pauses.reduce((total, pause) => {
    const overlapMs = Math.min(toMs, pause.untilMs) - Math.max(fromMs, pause.fromMs);
    return total + Math.max(0, overlapMs);
  }, 0);
}
