/** L-a to L-e: what must go on happening. */
import { eventsOf } from '../trace.js';
import { lifetimesOf, pausedMs } from './lifetimes.js';
import { isAcceptedConfirmation } from './safety.js';
import { Versions } from './versions.js';
import { longestGapMs, longestRecoveryMs, type Check, type Violation } from './violation.js';

/** L-a: without faults the source is asked again and again, successfully. */
export const confirmedInTime: Check = (trace, facts) => {
  const { calmFromMs, endMs } = facts;
  const confirmedAt = trace.filter(isAcceptedConfirmation).map(({ at }) => at);
  const recoveredAt = confirmedAt.find((at) => at >= calmFromMs) ?? Infinity;
  const violations: Violation[] = [];
  const limitMs = longestRecoveryMs(facts);
  if (Math.min(recoveredAt, endMs) - calmFromMs > limitMs) {
    const message = `no confirmation within ${seconds(limitMs)} after the last fault`;
    violations.push({ invariant: 'L-b', at: calmFromMs + limitMs, message });
  }
  const later = [...confirmedAt.filter((at) => at > recoveredAt), endMs];
  let previous = recoveredAt;
  for (const at of later) {
    if (at - previous > longestGapMs(facts)) {
      const message = `no confirmation for ${seconds(at - previous)} in a healthy fleet`;
      violations.push({ invariant: 'L-a', at, message });
    }
    previous = at;
  }
  return violations;
};

/** L-b: every change reaches everybody, also those that were made during the faults. */
export const everybodyIsCurrent: Check = (trace, facts) => {
  const { calmFromMs, endMs } = facts;
  const versions = new Versions(trace);
  const applied = eventsOf(trace, 'applied');
  const limitMs = longestRecoveryMs(facts);
  return lifetimesOf(trace, endMs).flatMap((life): Violation[] => {
    const own = applied.filter(({ instance }) => instance === life.instance);
    const missed = versions.began.find(({ version, at: beganAt }, index) => {
      const until = Math.max(calmFromMs, life.bornAt, beganAt) + limitMs;
      if (until > Math.min(life.endsAt, endMs)) return false;
      // A later version may have taken its place before it had to be there.
      const next = versions.began[index + 1];
      if (next !== undefined && next.at <= until) return false;
      const content = own.findLast((application) => application.at <= until)?.content;
      return content === undefined || (versions.latest(content, until) ?? 0) < version;
    });
    if (missed === undefined) return [];
    const at = Math.max(calmFromMs, life.bornAt, missed.at) + limitMs;
    const message = `${life.instance} does not hold version ${missed.version} of ${seconds(missed.at)}`;
    return [{ invariant: 'L-b', at, message }];
  });
};

/** L-c: turns follow each other, whatever a turn met with. */
export const loopsGoOn: Check = (trace, { endMs, settings }) => {
  const { checkMs, fetchTimeoutMs, cacheTimeoutMs, coldWaitMs } = settings;
  const turns = eventsOf(trace, 'turn');
  const longestMs = 1.2 * checkMs + fetchTimeoutMs + 6 * cacheTimeoutMs + 2 * coldWaitMs;
  return lifetimesOf(trace, endMs).flatMap((life): Violation[] => {
    const ends = turns.filter(({ instance }) => instance === life.instance).map(({ at }) => at);
    let previous = life.bornAt;
    for (const at of [...ends.filter((end) => end < life.endsAt), life.endsAt]) {
      const waitedMs = (at - previous - pausedMs(life, previous, at)) * life.rate;
      if (waitedMs > longestMs) {
        const message = `${life.instance} took no turn for ${seconds(waitedMs)}`;
        return [{ invariant: 'L-c', at, message }];
      }
      previous = at;
    }
    return [];
  });
};

/** L-d: shutdown ends, also when everything hangs. */
export const shutdownEnds: Check = (trace, { endMs, settings }) => {
  const longestMs = 2 * settings.cacheTimeoutMs + 100;
  return eventsOf(trace, 'closing').flatMap(({ at, instance }): Violation[] => {
    const end = trace.find(
      (event) => (event.type === 'closed' || event.type === 'died') && event.instance === instance,
    );
    const pauses = eventsOf(trace, 'paused').filter((pause) => pause.instance === instance);
    const resumesAt = Math.max(at, ...pauses.map(({ untilMs }) => untilMs));
    const isLate =
      end === undefined
        ? endMs - resumesAt > 4 * longestMs
        : end.type === 'closed' && end.tookMs > longestMs && pauses.length === 0;
    const message = `${instance} did not end within ${seconds(longestMs)} after it began to close`;
    return isLate ? [{ invariant: 'L-d', at, message }] : [];
  });
};

/** L-e: nobody holds for longer than it takes to confirm. */
export const holdsEnd: Check = (trace, facts) => {
  const { calmFromMs, endMs } = facts;
  const limitMs = longestRecoveryMs(facts);
  return lifetimesOf(trace, endMs).flatMap((life): Violation[] => {
    let holdsSince: number | undefined;
    for (const turn of eventsOf(trace, 'turn')) {
      if (turn.instance !== life.instance || turn.at < calmFromMs) continue;
      if (turn.outcome !== 'waiting:holding') holdsSince = undefined;
      else holdsSince ??= turn.at;
      if (holdsSince !== undefined && turn.at - holdsSince > limitMs) {
        const message = `${life.instance} has been holding for ${seconds(turn.at - holdsSince)}`;
        return [{ invariant: 'L-e', at: turn.at, message }];
      }
    }
    return [];
  });
};

export const livenessChecks: readonly Check[] = [
  confirmedInTime,
  everybodyIsCurrent,
  loopsGoOn,
  shutdownEnds,
  holdsEnd,
];

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
