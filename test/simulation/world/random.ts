/**
 * Chance that repeats: one seed, one sequence. Each part of the world draws from a stream of its
 * own, so that a draw more in one part does not shift the chance of all others.
 */

export interface Random {
  /** 0 (included) to 1. */
  next(): number;
  /** A number from `low` (included) to `high`. */
  between(low: number, high: number): number;
  /** A whole number, both ends included. */
  integer(low: number, high: number): number;
  /** True with this probability. */
  chance(share: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** A stream of its own, the same for the same name. */
  fork(name: string): Random;
}

/** mulberry32 over the seed; see "Hash functions and PRNGs in JavaScript", bryc. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + next() * (high - low);
  const integer = (low: number, high: number): number => Math.floor(between(low, high + 1));
  return {
    next,
    between,
    integer,
    chance: (share) => next() < share,
    pick: (choices) => {
      const chosen = choices[integer(0, choices.length - 1)];
      if (chosen === undefined) throw new Error('There is nothing to pick from.');
      return chosen;
    },
    fork: (name) => randomOf(hashOf(name, seed)),
  };
}

/** FNV-1a. */
function hashOf(text: string, seed: number): number {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (const character of text) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return Math.imul(hash ^ (hash >>> 15), 2_246_822_507) >>> 0;
}
