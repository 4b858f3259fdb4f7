/**
 * What the log says of definitions that looked like a mistake: what came, what a second fetch
 * said, why probably, and what to do. It names flags, and no value of theirs.
 */
import type { DefinitionsDoubted } from '../core/observe/flags-event.js';

const verdicts = {
  'fewer-flags': {
    confirmed:
      'A second fetch said the same, so it counts: these flags are unknown from now on. If nobody meant that, look at what was changed there, and restore it.',
    withdrawn:
      'A second fetch did not, so nothing was dropped. Probably a proxy or the service itself gave a wrong answer; look there if it comes again.',
    open: 'No second answer has confirmed it, so the flags in memory are kept and the next fetch asks again. Look whether the flags are still there.',
  },
  'older-flags': {
    confirmed:
      'A second fetch said the same, so it counts. Probably a backup was restored, or a cache on the way serves an outdated copy; look there if nobody went back.',
    withdrawn:
      'A second fetch did not, so nothing went back. Probably a cache on the way serves an outdated copy; look there if it comes again.',
    open: 'No second answer has confirmed it, so the flags in memory are kept and the next fetch asks again. Look whether a cache on the way serves an outdated copy.',
  },
} as const;

/**
 * @param source as it describes itself.
 * @param keys the flags, as a list for people.
 */
export function doubtMessage(
  { why, verdict, flagCount, heldFlagCount }: DefinitionsDoubted,
  source: string,
  keys: string,
): string {
  const what =
    why === 'fewer-flags'
      ? `${flagCount} of ${heldFlagCount} flags, without ${keys}`
      : `an older version than before of ${keys}`;
  return `${source} sent ${what}. ${verdicts[why][verdict]}`;
}
