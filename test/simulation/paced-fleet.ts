/** A fleet that refreshes at a pace of its own, over many intervals in which one thing changes. */
import { eventsOf } from './trace.js';
import { Fleet } from './world/fleet.js';

export interface PacedFleet {
  /** How often the source was asked after the change was at hand. */
  readonly fetches: number;
  /** How long after the change each instance applied it. */
  readonly learntAfterMs: readonly number[];
}

export async function pacedFleet(given: {
  readonly seed: number;
  readonly settings: { readonly intervalMs: number; readonly checkMs: number };
  readonly instances: number;
  readonly intervals: number;
}): Promise<PacedFleet> {
  const { seed, settings, instances, intervals } = given;
  const fleet = new Fleet({ seed, settings });
  for (let n = 0; n < instances; n += 1) fleet.boot();
  await fleet.world.runUntil(2 * settings.intervalMs);
  const before = eventsOf(fleet.trace, 'fetch-started').length;
  fleet.source.change();
  const changedAtMs = fleet.world.nowMs;
  await fleet.world.runUntil(changedAtMs + intervals * settings.intervalMs);
  const applied = eventsOf(fleet.trace, 'applied').filter(({ at }) => at > changedAtMs);
  return {
    fetches: eventsOf(fleet.trace, 'fetch-started').length - before,
    learntAfterMs: applied.map(({ at }) => at - changedAtMs),
  };
}
