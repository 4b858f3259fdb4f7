/**
 * One line for the log at start: what the chosen cache promises to the fleet, and what to do where
 * that is less than it could be. It is told before the first contact, as an intent: whether the
 * cache answers is not known yet.
 */
import type { CacheSharing } from '../core/cache/cache-sharing.js';

export interface SharingTimes {
  readonly intervalMs: number;
  readonly checkMs: number;
}

export interface SharingLine {
  /** `warn` where another cache would promise more. */
  readonly level: 'log' | 'warn';
  readonly text: string;
}

const ADVICE =
  "For one fetch in the whole fleet set the option cache to what all instances reach: 'redis://…', 'postgres://…', 'dynamodb://…', or 'file:///…' where they are processes of one host.";

const UNCONFIGURED = `No cache is configured: each instance fetches the definitions for itself. ${ADVICE} 'memory:' says that none is wanted.`;

/**
 * Undefined where an app wants to share nothing.
 * @param instance its name among the members, as `fleet()` shows it; undefined where there are none.
 */
export function sharingLine(
  sharing: CacheSharing,
  times: SharingTimes,
  instance: string | undefined,
): SharingLine | undefined {
  switch (sharing.kind) {
    case 'none':
      return sharing.isConfigured ? undefined : { level: 'log', text: UNCONFIGURED };
    case 'provider':
      return {
        level: 'log',
        text: `Definitions are to be shared through the given provider: it alone decides who fetches. It is asked every ${times.intervalMs} ms, and what another instance has fetched is seen when it is next asked.`,
      };
    case 'records':
      return linesOfRecords(sharing, times, instance);
    default:
      return sharing satisfies never;
  }
}

function linesOfRecords(
  {
    place,
    key,
    isExclusive,
    whoFetches,
    readsOnly = false,
    isPushed,
    isInThisProcess,
    isForThreads = false,
    codec,
    caveat,
  }: CacheSharing & { readonly kind: 'records' },
  { checkMs }: SharingTimes,
  instance: string | undefined,
): SharingLine {
  if (isInThisProcess && !isForThreads && !readsOnly) {
    const text = `Definitions are not shared with other processes: they lie in ${place}, and each process fetches for itself. ${ADVICE}`;
    return { level: 'warn', text };
  }
  // Who has chosen how it is done knows what that promises.
  const isChosen = isExclusive || whoFetches !== undefined;
  const level = isChosen && caveat === undefined ? 'log' : 'warn';
  const news = isPushed
    ? 'changes are pushed'
    : `changes are not pushed but found at the next check, every ${checkMs} ms`;
  const where = key === undefined ? place : `${place} (key ${key})`;
  const shared = `Definitions are to be shared through ${where}`;
  const others = isForThreads ? ' Other processes have no part in it.' : '';
  const name = instance === undefined ? '' : ` This instance is ${instance}.`;
  const doubt = caveat === undefined ? '' : ` ${caveat}`;
  const form = codec === undefined ? '' : ` They lie there as ${codec}.`;
  const rest = `${others}${form}${doubt}${name}`;
  if (whoFetches !== undefined) return { level, text: `${shared}: ${whoFetches}; ${news}.${rest}` };
  if (isExclusive)
    return { level, text: `${shared}: one instance fetches for all, ${news}.${rest}` };
  return {
    level,
    text: `${shared}, which has no atomic step: instances that look at the same moment may fetch both, and what is older is refused only as far as it can be seen; ${news}.${form} ${ADVICE}${name}`,
  };
}
