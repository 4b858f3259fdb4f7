/**
 * One clock for all that is written down of a fleet: milliseconds of the machine's monotonic
 * clock, which its processes share. Redis stamps with the wall clock, and is converted.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** @param wallSeconds as `MONITOR` prints them */
export function fromWall(wallSeconds: number): number {
  return wallSeconds * 1_000 - wallNowMs() + nowMs();
}

function wallNowMs(): number {
  return performance.timeOrigin + performance.now();
}
