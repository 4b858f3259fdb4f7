/**
 * Slots of the wall clock, one after the other, each of one instance: who fetches is settled
 * before anybody looks, without a lock and without an election.
 *
 * It rests on clocks that agree (NTP) and on indices that are given once. In a slot whose instance
 * is away nobody fetches; the next one whose slot comes finds the refresh overdue, and makes it.
 */
import type { FetchChooser, Look } from './self-chosen.js';

export interface SlotSettings {
  readonly index: number;
  readonly of: number;
  readonly slotMs: number;
  readonly intervalMs: number;
}

export class TimeSlots implements FetchChooser {
  constructor(private readonly settings: SlotSettings) {}

  get whoFetches(): string {
    const { index, of, slotMs } = this.settings;
    return `each instance fetches in its own slot of the wall clock (this one has slot ${index} of ${of}, ${slotMs} ms each); two fetch at once only where their clocks differ`;
  }

  choose({ head, isLost, kick, nowMs }: Look): boolean {
    const { index, intervalMs } = this.settings;
    // With nothing there a whole deploy waits: its first instance need not wait for its slot.
    if (head === undefined && index === 0) return true;
    if (slotAt(nowMs, this.settings) !== index) return false;
    return isLost || kick || head === undefined || head.ageMs >= intervalMs;
  }
}

/** Whose slot it is: at each moment that of exactly one index. */
export function slotAt(nowMs: number, { of, slotMs }: Pick<SlotSettings, 'of' | 'slotMs'>): number {
  const slot = Math.floor(nowMs / slotMs);
  return ((slot % of) + of) % of;
}
