/**
 * One clock for all that is written down of a fleet: milliseconds of the machine's monotonic
 * clock, which its processes share. Redis stamps with the wall clock, and is converted.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * What lies between the two. Node reckons its wall clock from the monotonic one, so this does not
 * change; but between two readings the process may have to wait for its turn. The shortest is it.
 */
const aheadOfWallMs = Array.from({ length: 1_000 }, () => -wallNowMs() + nowMs()).reduce(
  (least, one) => Math.min(least, one),
);

/** @param wallSeconds as `MONITOR` prints them */
export function fromWall(wallSeconds: number): number {
  return wallSeconds * 1_000 + aheadOfWallMs;
}

function wallNowMs(): number {
  return performance.timeOrigin + performance.now();
}
