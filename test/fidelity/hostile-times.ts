/**
 * What hostile input costs: every way to ask, measured by itself. To be run in a process of its
 * own. A measure is the lesser of the time that passed and the processor's time, which on a quiet
 * machine are the same; of a few repetitions, each on new input, the least counts. So neither a
 * busy machine nor a collection of garbage that was due makes a time longer than it is.
 */
import { performance } from 'node:perf_hooks';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import { compileInPlaceOf } from '../../lib/core/evaluation/compile-flag-definitions.js';
import { compileFlagDefinitions, parseDefinitions } from '../../lib/evaluation.js';
import type { HostileCase } from './hostile-case.js';

/** `first`: with what a flag needs to be compiled; `refresh`: compiling when nothing has changed. */
export const ways = ['parse', 'compile', 'first', 'again', 'all', 'refresh', 'explain'] as const;
export type Way = (typeof ways)[number];

/** Milliseconds; of the flags that were asked for, those of the slowest. */
export type HostileTimes = Readonly<Record<Way, number>>;

const modes = [{}, { compat: 'posthog-node' as const }];

/** What takes so long will not be quick another time. */
const hopelessMs = 1_000;

/** Repeats what took longer than `enoughMs`, at most so many times. Throws what is thrown. */
export function timeHostileCase(
  { make }: HostileCase,
  repetitions: number,
  enoughMs: number,
): HostileTimes {
  const least = new Map<string, number>();
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const mode of modes) {
      for (const [name, ms] of timeOnce(make(), mode)) {
        least.set(name, Math.min(ms, least.get(name) ?? ms));
      }
    }
    const longest = Math.max(...least.values());
    if (longest <= enoughMs || longest > hopelessMs) break;
  }
  const worst = { parse: 0, compile: 0, first: 0, again: 0, all: 0, refresh: 0, explain: 0 };
  for (const [name, ms] of least) {
    const way = name.slice(0, name.indexOf(' ')) as Way;
    worst[way] = Math.max(worst[way], ms);
  }
  return worst;
}

function timeOnce(
  { definitions, context, keys }: ReturnType<HostileCase['make']>,
  mode: object,
): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const timed = <Result>(way: Way, place: number, work: () => Result): Result => {
    const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
    const result = work();
    const { user, system } = process.cpuUsage(cpuFrom);
    times.set(`${way} ${place}`, Math.min(performance.now() - from, (user + system) / 1000));
    return result;
  };
  const given = context as EvaluationContext;
  const compile = () => compileFlagDefinitions(definitions as FlagDefinitionCacheData, mode);
  timed('parse', 0, () => parseDefinitions(definitions));
  const snapshot = timed('compile', 0, compile);
  for (const [place, key] of keys.entries()) {
    timed('first', place, () => snapshot.evaluate(key, given));
    timed('again', place, () => snapshot.evaluate(key, given));
  }
  const fresh = compile();
  const all = timed('all', 0, () => fresh.evaluateAll(given, keys));
  for (const [place, key] of keys.entries()) timed('all', place + 1, () => all.get(key));
  timed('refresh', 0, () => compileInPlaceOf(fresh, definitions as FlagDefinitionCacheData, mode));
  for (const [place, key] of keys.entries()) {
    timed('explain', place, () => snapshot.explain(key, given, { showValues: true }));
  }
  return times;
}
