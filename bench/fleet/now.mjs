/** One clock for all processes of the machine, and waiting by it. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of the monotonic clock that all processes of a machine share. */
export function nowMs() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** @param {number} ms */
export async function pass(ms) {
  await sleep(Math.max(0, ms));
}
