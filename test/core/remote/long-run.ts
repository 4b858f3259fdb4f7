/** One run of the chain under faults, with time and chance in its hand; see long-run.spec.ts. */
import { MemoryFallbackCache } from '../../../lib/caches/fallback/memory-fallback-cache.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { FlagEvaluation } from '../../../lib/core/evaluation/flag-evaluation.js';
import { defaultBreaker } from '../../../lib/core/remote/breaker.js';
import { DefinitionDigests } from '../../../lib/core/remote/definition-digests.js';
import { EvaluationChain } from '../../../lib/core/remote/evaluation-chain.js';
import type { FallbackCache } from '../../../lib/core/remote/fallback-cache.js';
import { LastKnown } from '../../../lib/core/remote/last-known.js';
import type { RemoteAnswer, RemoteEvaluator, RemoteQuestion } from '../../../lib/core/remote/remote-evaluator.js'; // prettier-ignore
import { SharedQuestions } from '../../../lib/core/remote/shared-questions.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { pause, withDeadline } from '../../../lib/core/time/deadline.js';
import { SeededRandom } from '../../../lib/testing/contract/seeded-random.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { definitionsOf, on, unresolvable } from '../../support/flag-definitions.js';
import { failure, flags } from '../../support/scripted-remote.js';

/** Parts that are wrong on purpose. */
export interface Mistakes {
  readonly isDigestConstant?: boolean;
  readonly isQuotaIgnored?: boolean;
  /** What is under way answers who asks after an edit, too. */
  readonly isRevisionIgnored?: boolean;
  /** What could not be deleted is served all the same. */
  readonly isClearingTrusted?: boolean;
  readonly staleTtlMs?: number;
  readonly failures?: number;
  readonly cacheTimeoutMs?: number;
  readonly mostCalls?: number;
}

const TTL_MS = 300_000;
const STALE_TTL_MS = 3_600_000;
const TIMEOUT_MS = 3_000;
const CACHE_TIMEOUT_MS = 500;
const LONGEST_WAIT_MS = 1_000;
const MOST_CALLS = 3;
const PERSONS = 8;
/** One look at what is fresh, a wait for a turn, the question, and one look at what is stale. */
const LONGEST_MS = CACHE_TIMEOUT_MS + LONGEST_WAIT_MS + TIMEOUT_MS + CACHE_TIMEOUT_MS;

const serverModes = ['good', 'good', 'good', 'slow', 'slow', 'hangs', 'fails', 'limits', 'quota', 'partly', 'nonsense', 'throws'] as const; // prettier-ignore
const failing: ReadonlySet<string> = new Set(['hangs', 'fails', 'nonsense', 'throws']);
const cacheModes = ['good', 'good', 'good', 'hangs', 'fails', 'slow'] as const;
const open = ['a', 'b', 'c'];
const keys = [...open, 'on'];

export interface LongRunReport {
  readonly violations: readonly string[];
  readonly seen: Readonly<Record<string, number>>;
}

/** So many steps with faults, and at the end some in which nothing fails. */
export async function longRun(
  seed: number,
  steps: number,
  mistakes?: Mistakes,
): Promise<LongRunReport> {
  const run = new LongRun(seed, mistakes);
  await run.go(steps);
  if (mistakes === undefined) await run.recover();
  return { violations: run.violations, seen: run.seen };
}

class LongRun {
  readonly violations: string[] = [];
  readonly seen: Record<string, number> = {};
  private readonly clock = new ManualClock();
  private readonly store = new SnapshotStore();
  private readonly memory = new MemoryFallbackCache(PERSONS - 2);
  private readonly chain: EvaluationChain;
  private readonly serveFresh: boolean;
  private readonly editsOften: boolean;
  private readonly chance: SeededRandom;
  private readonly closing = new AbortController();
  private server: (typeof serverModes)[number] = 'good';
  private cache: (typeof cacheModes)[number] = 'good';
  /** How often a flag was edited: at the server, and as far as this instance knows. */
  private edition = 0;
  private callsAtOnce = 0;
  private failingSinceMs: number | undefined;
  private callsWhileFailing = 0;
  private quotaAt = Number.NEGATIVE_INFINITY;
  private answers: RemoteAnswer[] = [];
  private readonly underway = new Set<Promise<void>>();

  constructor(
    seed: number,
    private readonly mistakes: Mistakes = {},
  ) {
    this.chance = new SeededRandom(seed);
    this.serveFresh = seed % 3 === 0;
    this.editsOften = seed % 2 === 0;
    this.load();
    const { clock } = this;
    const digests = new DefinitionDigests(this.store);
    const questions = new SharedQuestions({
      remote: this.remote(),
      clock,
      random: this.random,
      breaker: { ...defaultBreaker, failures: mistakes.failures ?? defaultBreaker.failures },
      mostCalls: mistakes.mostCalls ?? MOST_CALLS,
      longestWaitMs: LONGEST_WAIT_MS,
      onBreakerChanged: (state) => this.count(state),
    });
    if (mistakes.isRevisionIgnored) {
      const ask = questions.ask.bind(questions);
      questions.ask = (context, wanted) => ask(context, wanted);
    }
    this.chain = new EvaluationChain({
      questions,
      lastKnown: this.lastKnown(),
      clock,
      digestOf: (revision) => (mistakes.isDigestConstant ? 'same' : digests.of(revision)),
      onAnswered: (answer) => this.answers.push(answer),
    });
  }

  async go(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) await this.step();
    await this.clock.advance(LONGEST_MS);
    await Promise.all(this.underway);
  }

  /** When all is well again, all is decided again. */
  async recover(): Promise<void> {
    this.become('good');
    this.cache = 'good';
    await this.clock.advance(120_000);
    this.answers = [];
    for (const key of open) {
      const found = await this.settled(
        this.chain.resolve(this.evaluate(key, 'p0'), personOf('p0')),
      );
      if (found?.value === undefined)
        this.violations.push(`${key} is not decided when all is well`);
    }
  }

  private async step(): Promise<void> {
    const chance = this.random();
    if (chance < 0.6) this.ask(1 + this.below(12));
    else if (chance < 0.68) this.become(this.oneOf(serverModes));
    else if (chance < 0.73) this.cache = this.oneOf(cacheModes);
    else if (chance < (this.editsOften ? 0.85 : 0.735)) this.edit();
    else if (chance < 0.9) this.load();
    const most = this.oneOf([0, 50, 500, 5_000, this.random() < 0.1 ? 4_000_000 : 1_000]);
    await this.clock.advance(this.below(most + 1));
  }

  private ask(times: number): void {
    for (let i = 0; i < times; i += 1) {
      const asked = this.check(this.oneOf(keys), `p${this.below(PERSONS)}`);
      this.underway.add(asked);
      void asked.finally(() => this.underway.delete(asked));
    }
  }

  /** What must hold of one evaluation, however it goes. */
  private async check(key: string, person: string): Promise<void> {
    const { clock, violations } = this;
    const [startedMs, startedAt] = [clock.monotonicMs(), clock.now()];
    const { quotaAt, failingSinceMs } = this;
    const knownEdition = this.store.current?.revision ?? 0;
    const answered = this.answers.length;
    const local = this.evaluate(key, person);
    let found: FlagEvaluation;
    try {
      found = await this.chain.resolve(local, personOf(person));
    } catch (error) {
      violations.push(`${key} was rejected: ${String(error)}`);
      return;
    }
    const what = `${key} of ${person} (${found.origin}) at ${startedMs}`;
    const tookMs = clock.monotonicMs() - startedMs;
    if (tookMs > LONGEST_MS) violations.push(`${what} took ${tookMs} ms`);
    if (local.value !== undefined && found !== local) violations.push(`${what} was decided here`);
    this.count(found.value === undefined ? 'unresolved' : found.origin);
    if (found.origin === 'local') return;
    const [flag, who, edition] = String(found.value).split(' ');
    if (flag !== key || who !== person) violations.push(`${what} is of another: ${flag} ${who}`);
    if (Number(edition) < knownEdition) violations.push(`${what} is from before an edit`);
    if (found.origin !== 'fallback-cache') return;
    const ageMs = found.ageMs ?? Number.NaN;
    if (!(ageMs <= STALE_TTL_MS)) violations.push(`${what} is too old: ${ageMs} ms`);
    if (clock.now() - ageMs <= quotaAt && quotaAt <= startedAt) {
      violations.push(`${what} is from before the end of the quota`);
    }
    const mayBeServed = this.answers.slice(answered).some((answer) => answer.kind === 'failed' || !answer.isComplete); // prettier-ignore
    const isFresh = this.serveFresh && ageMs <= TTL_MS + CACHE_TIMEOUT_MS;
    if (!mayBeServed && !isFresh && failingSinceMs === undefined) {
      violations.push(`${what} was served though the server has answered`);
    }
  }

  /** Some instances learn of it at once. */
  private edit(): void {
    this.edition += 1;
    if (this.random() < 0.5) this.load();
  }

  private lastKnown(): LastKnown {
    const { clock, mistakes, serveFresh } = this;
    const { staleTtlMs = STALE_TTL_MS, cacheTimeoutMs: timeoutMs = CACHE_TIMEOUT_MS } = mistakes;
    const settings = { ttlMs: TTL_MS, staleTtlMs, serveFresh };
    const cache = this.faultyCache();
    const lastKnown = new LastKnown({ cache, settings, clock, timeoutMs, onTrouble: () => undefined }); // prettier-ignore
    if (mistakes.isClearingTrusted) {
      lastKnown.clear = async () => Promise.resolve(cache.clear()).catch(() => undefined);
    }
    return lastKnown;
  }

  private evaluate(key: string, person: string): FlagEvaluation {
    const { current } = this.store;
    if (current === undefined) throw new Error('nothing is loaded');
    return current.evaluate(key, personOf(person));
  }

  /** The instance learns what was edited. */
  private load(): void {
    const { edition: version } = this;
    // The same content for the same edition, or every load would be an edit.
    const all = [on('on'), ...open.map(unresolvable)].map((flag) => ({ ...flag, id: 1, version }));
    this.store.swap(compileFlagDefinitions(definitionsOf(...all), { revision: version }));
  }

  private become(mode: (typeof serverModes)[number]): void {
    this.server = mode;
    const { failingSinceMs } = this;
    if (failing.has(mode)) {
      if (failingSinceMs === undefined) this.callsWhileFailing = 0;
      this.failingSinceMs ??= this.clock.monotonicMs();
      return;
    }
    this.failingSinceMs = undefined;
  }

  private remote(): RemoteEvaluator {
    return {
      description: 'a server',
      evaluate: async (question, signal) => {
        this.callsAtOnce += 1;
        this.checkCalls();
        try {
          return await withDeadline({ clock: this.clock, ms: TIMEOUT_MS, signal, what: 'It' }, () => this.answer(question)); // prettier-ignore
        } catch (error) {
          if (error instanceof RangeError) throw error;
          return failure('timeout');
        } finally {
          this.callsAtOnce -= 1;
        }
      },
    };
  }

  private checkCalls(): void {
    if (this.callsAtOnce > MOST_CALLS) this.violations.push(`${this.callsAtOnce} calls at a time`);
    if (this.failingSinceMs === undefined) return;
    this.callsWhileFailing += 1;
    const forMs = this.clock.monotonicMs() - this.failingSinceMs;
    // Until it opens, those under way then, probes after 2, 4, 8, … s, and after that one a minute.
    const most = defaultBreaker.failures + 2 * MOST_CALLS + 6 + Math.ceil(forMs / 45_000);
    if (this.callsWhileFailing > most) {
      this.violations.push(`${this.callsWhileFailing} calls while it failed for ${forMs} ms`);
    }
  }

  /** The truth: a value says of which flag, of whom, and after how many edits. */
  private async answer({ context, keys: asked }: RemoteQuestion): Promise<RemoteAnswer> {
    const values = (wanted: readonly string[]) => {
      return Object.fromEntries(wanted.map((key) => [key, `${key} ${context.distinctId} ${this.edition}`])); // prettier-ignore
    };
    const wanted = asked ?? open;
    const now = values(wanted);
    switch (this.server) {
      case 'good':
        return flags(now);
      case 'slow':
        await pause(this.clock, this.below(4_000), this.closing.signal);
        return flags(now);
      case 'hangs':
        return new Promise(() => undefined);
      case 'fails':
        return failure(this.oneOf(['server-error', 'network', 'invalid-answer']));
      case 'limits':
        return failure('rate-limited', { retryAfterMs: this.below(90_000) });
      case 'quota':
        this.count('quota');
        if (this.mistakes.isQuotaIgnored) return this.ignoredQuota();
        this.quotaAt = this.clock.now();
        return failure('quota-exceeded');
      case 'partly':
        return flags(values(wanted.slice(1)), false);
      case 'nonsense':
        return { kind: 'flags', flags: { a: 1 } } as unknown as RemoteAnswer;
      case 'throws':
        throw new RangeError('against its contract');
    }
  }

  private ignoredQuota(): RemoteAnswer {
    this.quotaAt = this.clock.now();
    return failure('server-error');
  }

  private faultyCache(): FallbackCache {
    const { memory } = this;
    const through = async <T>(work: () => T): Promise<T> => {
      if (this.cache === 'hangs') await new Promise(() => undefined);
      if (this.cache === 'fails') throw new Error('the cache is gone');
      if (this.cache === 'slow') await pause(this.clock, this.below(1_000), this.closing.signal);
      return work();
    };
    return {
      description: 'a cache',
      read: (person, wanted) => through(() => memory.read(person, wanted)),
      write: (person, answers) => through(() => memory.write(person, answers)),
      clear: () => through(() => memory.clear()),
    };
  }

  private async settled<T>(work: Promise<T>): Promise<T | undefined> {
    let result: T | undefined;
    void work.then((value) => (result = value));
    await this.clock.advance(LONGEST_MS);
    return result;
  }

  private count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  private below(most: number): number {
    return Math.floor(this.random() * most);
  }

  private oneOf<T>(things: readonly T[]): T {
    return things[this.below(things.length)] as T;
  }

  private readonly random = (): number => this.chance.next();
}

function personOf(distinctId: string) {
  return { distinctId };
}
