/**
 * Few questions for many who ask. What one request asks for at the same moment goes in one call;
 * who asks what is being asked already, for the same person, waits for that answer; and so many
 * calls at a time, not more. A breaker leaves a server alone that does not answer.
 */
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { Clock } from '../time/clock.js';
import { pause, withDeadline } from '../time/deadline.js';
import { Breaker, type BreakerSettings, type BreakerState } from './breaker.js';
import { isRemoteAnswer } from './is-remote-answer.js';
import { personDigest } from './person-digest.js';
import type { RemoteAnswer, RemoteEvaluator, RemoteFailure } from './remote-evaluator.js';

export interface SharedQuestionsParts {
  readonly remote: RemoteEvaluator;
  readonly clock: Clock;
  readonly random: () => number;
  readonly breaker?: BreakerSettings;
  /** Calls at a time. @default 50 */
  readonly mostCalls?: number;
  /** How long a question may wait for its turn, in milliseconds. @default 1_000 */
  readonly longestWaitMs?: number;
  readonly onBreakerChanged?: (state: BreakerState) => void;
}

/** One call, planned or made. */
interface Call {
  /** Undefined: all flags. */
  keys: Set<string> | undefined;
  readonly answer: Promise<RemoteAnswer>;
}

const MOST_CALLS = 50;
const LONGEST_WAIT_MS = 1_000;
/** Beyond the longest that an evaluator of ours may take. */
const LONGEST_ANSWER_MS = 65_000;
/** A quota is not restored within seconds, and asking for it costs. */
const QUOTA_PAUSE_MS = 60_000;

export class SharedQuestions {
  readonly breaker: Breaker;
  private readonly planned = new Map<string, Call>();
  private readonly made = new Map<string, Set<Call>>();
  private readonly closing = new AbortController();
  private readonly waiting: (() => void)[] = [];
  private calls = 0;

  constructor(private readonly parts: SharedQuestionsParts) {
    const { clock, random, breaker: settings, onBreakerChanged = () => undefined } = parts;
    const own = settings === undefined ? {} : { settings };
    this.breaker = new Breaker({ clock, random, onChanged: onBreakerChanged, ...own });
  }

  /**
   * Asks for these flags, or for all. Never rejects.
   * @param revision of the definitions that leave them open: what was asked before a flag was edited
   *   is no answer to who asks after it
   */
  ask(
    context: EvaluationContext,
    keys: readonly string[] | undefined,
    revision?: number,
  ): Promise<RemoteAnswer> {
    const digest = personDigest(context);
    if (digest === undefined) return Promise.resolve(failed(unsendable(this.parts.remote)));
    const person = `${digest}:${revision}`;
    for (const call of this.made.get(person) ?? []) if (covers(call, keys)) return call.answer;
    const planned = this.planned.get(person) ?? this.plan(person, context);
    if (keys === undefined) planned.keys = undefined;
    else for (const key of keys) planned.keys?.add(key);
    return planned.answer;
  }

  /** Nothing is asked from now on; what is under way is called off. */
  close(): void {
    this.closing.abort();
  }

  /** The call is made when all that runs now has said what it wants to know. */
  private plan(person: string, context: EvaluationContext): Call {
    const call: Call = { keys: new Set(), answer: endOfTurn().then(() => make()) };
    const make = async (): Promise<RemoteAnswer> => {
      this.planned.delete(person);
      const others = this.made.get(person) ?? new Set();
      this.made.set(person, others.add(call));
      try {
        return await this.call(context, call.keys && [...call.keys].sort());
      } finally {
        others.delete(call);
        if (others.size === 0) this.made.delete(person);
      }
    };
    this.planned.set(person, call);
    return call;
  }

  private async call(
    context: EvaluationContext,
    keys: readonly string[] | undefined,
  ): Promise<RemoteAnswer> {
    const { remote } = this.parts;
    const { breaker, closing } = this;
    const { signal } = closing;
    if (signal.aborted) return failed(shuttingDown(remote));
    if (breaker.state === 'half-open') return failed(leftAlone(remote));
    if (!(await this.turn()))
      return failed(signal.aborted ? shuttingDown(remote) : tooMany(remote));
    try {
      // After the wait: who has waited may find that it is left alone by now.
      if (!breaker.enter()) return failed(leftAlone(remote));
      const answer = await this.bounded(() => remote.evaluate({ context, keys }, signal));
      if (!isRemoteAnswer(answer)) throw new TypeError('This is no answer.');
      this.judge(answer);
      return answer;
    } catch {
      if (signal.aborted) return failed(shuttingDown(remote));
      // A port that rejects or answers something else, against its contract; its error may hold
      // what nobody should read.
      breaker.failed();
      return failed(broken(remote));
    } finally {
      this.ended();
    }
  }

  /** A net for evaluators that have no deadline of their own. */
  private bounded<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.parts;
    const { signal } = this.closing;
    return withDeadline({ clock, ms: LONGEST_ANSWER_MS, signal, what: 'The question' }, work);
  }

  private judge(answer: RemoteAnswer): void {
    const { breaker } = this;
    if (answer.kind === 'flags') return breaker.succeeded();
    const { code, retryAfterMs } = answer.failure;
    switch (code) {
      case 'quota-exceeded':
        return breaker.failed(retryAfterMs ?? QUOTA_PAUSE_MS);
      case 'invalid-question':
      case 'closed':
        return breaker.left();
      default:
        return breaker.failed(retryAfterMs);
    }
  }

  /** @returns false when no call has ended in time. */
  private async turn(): Promise<boolean> {
    const { clock, mostCalls = MOST_CALLS, longestWaitMs = LONGEST_WAIT_MS } = this.parts;
    if (this.calls < mostCalls) {
      this.calls += 1;
      return true;
    }
    let wake: () => void = () => undefined;
    const isFree = new Promise<boolean>((resolve) => (wake = () => resolve(true)));
    this.waiting.push(wake);
    const isLate = pause(clock, longestWaitMs, this.closing.signal).then(() => false);
    if (await Promise.race([isFree, isLate])) return true;
    const place = this.waiting.indexOf(wake);
    // Woken in the same moment: the place is its own.
    if (place === -1) return true;
    this.waiting.splice(place, 1);
    return false;
  }

  /** Whoever waits longest takes the place of a call that has ended. */
  private ended(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.calls -= 1;
    else next();
  }
}

/** Resolves when every promise that could settle has settled: then nothing else runs now. */
function endOfTurn(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}

function covers(call: Call, keys: readonly string[] | undefined): boolean {
  if (call.keys === undefined) return true;
  return keys !== undefined && keys.every((key) => call.keys?.has(key));
}

function failed(failure: RemoteFailure): RemoteAnswer {
  return { kind: 'failed', failure };
}

function unsendable({ description }: RemoteEvaluator): RemoteFailure {
  const message = `${description} was not asked: the context holds something that JSON cannot carry, such as a BigInt, a function or a cycle. Give properties that are texts, numbers, booleans, dates, lists or plain objects.`;
  return { code: 'invalid-question', message };
}

function leftAlone({ description }: RemoteEvaluator): RemoteFailure {
  const message = `${description} was not asked: it has failed several times in a row, and is left alone for a while.`;
  return { code: 'not-asked', message };
}

function tooMany({ description }: RemoteEvaluator): RemoteFailure {
  const message = `${description} was not asked: too many questions are open already. Probably it is slow, or flags that are decided remotely stand on busy routes.`;
  return { code: 'not-asked', message };
}

function broken({ description }: RemoteEvaluator): RemoteFailure {
  const message = `Asking ${description} failed in a way that was not foreseen; its error is not repeated here, as it may hold what nobody should read.`;
  return { code: 'network', message };
}

function shuttingDown({ description }: RemoteEvaluator): RemoteFailure {
  return { code: 'closed', message: `${description} was not asked: shutting down.` };
}
