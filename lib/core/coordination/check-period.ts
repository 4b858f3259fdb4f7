/**
 * How often an instance looks at a shared store, before jitter. A store is asked so often and no
 * more, however large the fleet: in one that is larger each instance looks more rarely.
 */
const MOST_CHECKS_PER_SECOND = 200;

export function checkPeriodMs(checkMs: number, instances = 1): number {
  return Math.max(checkMs, (1_000 * instances) / MOST_CHECKS_PER_SECOND);
}
