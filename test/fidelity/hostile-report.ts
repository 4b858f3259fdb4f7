/** Times all hostile input, and says whether any of it took longer than it may. */
import { hostileCases } from './hostile-cases.js';
import type { HostileTimes } from './hostile-times.js';
import { timeHostileCase, ways } from './hostile-times.js';

/** Milliseconds that no call may take. */
const bound = 50;
const repetitions = 5;
/** What takes less is not measured again. */
const enoughMs = 10;

interface TimedCase {
  readonly name: string;
  readonly times: HostileTimes;
}

export interface HostileReport {
  /** In Markdown. */
  readonly table: string;
  readonly isWithinBound: boolean;
}

export function reportHostile(tell: (line: string) => void): HostileReport {
  const groups = Object.entries(hostileCases).map(([kind, cases]) => {
    tell(`${kind}: ${Object.keys(cases).length} cases`);
    const timed = Object.entries(cases).map(([name, hostile]): TimedCase => {
      const times = timeHostileCase(hostile, repetitions, enoughMs);
      if (slowest(times) > bound) tell(`  ${name}: ${textOf(times)}`);
      return { name, times };
    });
    return { kind, timed };
  });
  const all = groups.flatMap(({ timed }) => timed);
  return {
    table: [
      `${all.length} cases; the slowest of each kind in milliseconds, and none may take ${bound}.`,
      '',
      `| Kind | Cases | ${ways.join(' | ')} | the slowest case |`,
      `| --- | ---: | ${ways.map(() => '---:').join(' | ')} | --- |`,
      ...groups.map(({ kind, timed }) => rowOf(kind, timed)),
    ].join('\n'),
    isWithinBound: all.every(({ times }) => slowest(times) < bound),
  };
}

function rowOf(kind: string, timed: readonly TimedCase[]): string {
  const worst = ways.map((way) => Math.max(...timed.map(({ times }) => times[way])).toFixed(1));
  const [first] = timed.toSorted((left, right) => slowest(right.times) - slowest(left.times));
  return `| ${kind} | ${timed.length} | ${worst.join(' | ')} | ${first?.name} |`;
}

function slowest(times: HostileTimes): number {
  return Math.max(...Object.values(times));
}

function textOf(times: HostileTimes): string {
  return ways.map((way) => `${way} ${times[way].toFixed(1)}`).join(', ');
}
