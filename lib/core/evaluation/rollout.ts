/**
 * A percentage as the border it draws in [0, 1]. An id is in while its bucket is not beyond the
 * border, so 0.45 includes the bucket 0.45 itself.
 */
export interface Rollout {
  /** 0 to 1. NaN, for a percentage that is no number, includes everybody, as PostHog does. */
  readonly border: number;
  /** `all` and `none` are decided without a hash. */
  readonly reach: 'all' | 'some' | 'none';
}

/** Undefined when everybody is in because no percentage is set. */
export function compileRollout(percentage: unknown): Rollout | undefined {
  if (percentage === undefined || percentage === null) return undefined;
  const border = Number(percentage) / 100;
  return { border, reach: reachOf(border) };
}

/**
 * At 0 % an id whose bucket is exactly 0 would be in; its hash would have to begin with 60 zero
 * bits, which nobody can find, so 0 % is decided without a hash too.
 */
function reachOf(border: number): Rollout['reach'] {
  if (border <= 0) return 'none';
  return border < 1 ? 'some' : 'all';
}
