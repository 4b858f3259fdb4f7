/**
 * One line for the log at start: what the chosen cache promises to the fleet, and what to do where
 * that is less than it could be.
 */
import type { CacheSharing } from './core/cache/cache-sharing.js';

export interface SharingTimes {
  readonly intervalMs: number;
  readonly checkMs: number;
}

export interface SharingLine {
  /** `warn` where another cache would promise more. */
  readonly level: 'log' | 'warn';
  readonly text: string;
}

/** Undefined where nothing is shared, and nothing is promised. */
export function sharingLine(sharing: CacheSharing, times: SharingTimes): SharingLine | undefined {
  switch (sharing.kind) {
    case 'none':
      return undefined;
    case 'provider':
      return {
        level: 'log',
        text: `Definitions are shared through the given provider: it alone decides who fetches. It is asked every ${times.intervalMs} ms, and what another instance has fetched is seen when it is next asked.`,
      };
    case 'records':
      return linesOfRecords(sharing, times);
    default:
      return sharing satisfies never;
  }
}

function linesOfRecords(
  { place, key, isExclusive, isPushed }: CacheSharing & { readonly kind: 'records' },
  { checkMs }: SharingTimes,
): SharingLine {
  const level = isExclusive && isPushed ? 'log' : 'warn';
  const news = isPushed
    ? 'changes are pushed'
    : `changes are not pushed but found at the next check, every ${checkMs} ms`;
  const where = key === undefined ? place : `${place} (key ${key})`;
  const shared = `Definitions are shared through ${where}`;
  if (isExclusive) return { level, text: `${shared}: one instance fetches for all, ${news}.` };
  return {
    level,
    text: `${shared}, which has no atomic step: instances that look at the same moment may fetch both, and what is older is refused only as far as it can be seen; ${news}. For one fetch in the whole fleet share through Redis: cache: 'redis://host:6379', or redisCache(client) for a client that the app has.`,
  };
}
