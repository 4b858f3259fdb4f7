/**
 * How often an instance that has definitions asks the source for itself while its cache is away.
 * The instances cannot speak to each other then, so each keeps to its share of one budget for the
 * whole fleet: on average so many fetches per interval, however many instances there are. What
 * that costs in freshness, and why no other rule was chosen, is in docs/adr/0009.
 *
 * It promises a mean rate, not a ceiling for each single interval, and the mean rests on the size
 * of the fleet that the cache told last. A fleet whose size nobody has told only fades.
 */

/** Fetches per interval of a fleet of known size. A fleet up to this size loses no freshness. */
const FLEET_BUDGET = 4;

/** Where nobody has told the size of the fleet, so many intervals lie between the first fetches. */
const FIRST_UNTOLD_INTERVALS = 10;

/**
 * And never more than this later on. Spread by half it is an hour, the age from which definitions
 * count as expired.
 */
const LONGEST_UNTOLD_MS = 40 * 60_000;

export interface SoloFacts {
  /** How often the fleet refreshes when all is well. */
  readonly intervalMs: number;
  /** Instances that share the cache, as it told last; undefined when it never has. */
  readonly instances: number | undefined;
  /** For how long the cache has been away. */
  readonly awayMs: number;
}

/** Mean time between two fetches of one instance, in milliseconds. */
export function soloPeriodMs({ intervalMs, instances, awayMs }: SoloFacts): number {
  if (instances !== undefined) return intervalMs * Math.max(1, instances / FLEET_BUDGET);
  // As long again as the outage has lasted: each fetch comes twice as late as the one before.
  const periodMs = Math.max(FIRST_UNTOLD_INTERVALS * intervalMs, awayMs);
  return Math.max(intervalMs, Math.min(periodMs, LONGEST_UNTOLD_MS));
}

/** Time from one fetch to the next: half a period to one and a half. */
export function nextSoloMs(periodMs: number, random: () => number): number {
  return periodMs * (0.5 + random());
}

/**
 * Time from the moment the cache went away to the first fetch: what is left of a wait that such
 * an instance would be in the middle of. So the fleet asks at its mean rate from the first moment
 * on, without a bulge, and a cache that comes and goes cannot make it ask more often.
 */
export function firstSoloMs(periodMs: number, random: () => number): number {
  const chance = random();
  return periodMs * (chance <= 0.5 ? chance : 1.5 - Math.sqrt(2 * (1 - chance)));
}
