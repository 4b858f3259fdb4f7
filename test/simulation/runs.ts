/** Which runs a number of runs is, and how one of them is repeated. */
import { mixes, type MixName } from './mixes.js';
import type { Run } from './simulate.js';

const names = Object.keys(mixes) as MixName[];

/** So many runs, the mixes taking turns, each seed another. */
export function runsOf(
  count: number,
  { from = 1, mix }: { readonly from?: number; readonly mix?: MixName } = {},
): readonly Run[] {
  return Array.from({ length: count }, (_, index) => {
    const inTurn = names[index % names.length] ?? 'chaos';
    return { mix: mix ?? inTurn, seed: from + index };
  });
}

/** The command that repeats a run and tells all that happens in it. */
export function commandFor({ mix, seed }: Run): string {
  return `npm run simulate -- --mix ${mix} --seed ${seed}`;
}
