/**
 * A change of state in one line: from what to what, how long it had lasted, what it means for
 * the app, what has failed, and what to do. Written for whoever is woken by it.
 */
import type { HealthChanged } from '../core/observe/flags-event.js';
import type { HealthState } from '../core/refresh/health.js';
import { durationText } from './duration-text.js';

export interface HealthLine {
  readonly level: 'log' | 'warn' | 'error';
  readonly text: string;
}

/** @param heldBack changes since the last line that were not told, because there were too many. */
export function healthLine(change: Omit<HealthChanged, 'type'>, heldBack = 0): HealthLine {
  const { from, to, lastedMs, failure } = change;
  const often = heldBack === 0 ? '' : ` (${heldBack} more changes between were not told)`;
  const cause = failure === undefined ? '' : ` ${failure.message}`;
  const text = `${from} → ${to} after ${durationText(lastedMs)}${often}: ${meanings[to](change)}${cause}`;
  return { level: levels[to], text };
}

const levels: Readonly<Record<HealthState, HealthLine['level']>> = {
  starting: 'log',
  fresh: 'log',
  stale: 'warn',
  solo: 'warn',
  expired: 'error',
  denied: 'error',
  poisoned: 'error',
  empty: 'error',
};

type Meaning = (change: Omit<HealthChanged, 'type'>) => string;

const meanings: Readonly<Record<HealthState, Meaning>> = {
  starting: () => 'the definitions are being loaded.',
  fresh: ({ from, ageMs = 0 }) =>
    from === 'solo'
      ? `the definition cache answers again. The flags are current, confirmed ${durationText(ageMs)} ago. Nothing is to be done.`
      : `the flags are current again, confirmed ${durationText(ageMs)} ago. Nothing is to be done.`,
  stale: (change) => `${unconfirmed(change)} Evaluation goes on with them.${whereToLook(change)}`,
  expired: (change) =>
    `${unconfirmed(change)} Evaluation still goes on with them; somebody should look.${whereToLook(change)}`,
  solo: () =>
    'the definition cache does not answer. Evaluation goes on with the flags in memory, and this instance fetches for itself, the fleet together at most about four times per interval, until the cache is back.',
  denied: () =>
    'the source refuses the definitions. Evaluation goes on with the flags in memory, but no change arrives until this is put right.',
  poisoned: ({ failure }) =>
    failure?.where === 'cache'
      ? 'the shared copy cannot be used here, and was refused. Evaluation goes on with the last good definitions.'
      : 'what came is no flag definitions, and was refused. Evaluation goes on with the last good ones.',
  empty: () =>
    'there are no definitions, so every flag is unresolved, and guarded routes are refused.',
};

function unconfirmed({ ageMs = 0 }: Omit<HealthChanged, 'type'>): string {
  return `nothing has confirmed the flags for ${durationText(ageMs)}, so changes may be missing.`;
}

function whereToLook({ failure }: Omit<HealthChanged, 'type'>): string {
  if (failure !== undefined) return '';
  return ' This instance knows of no failure: look whether any instance can reach the source.';
}
