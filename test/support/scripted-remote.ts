/** A remote evaluator in the hand of a test: what it is asked, and what it answers when told to. */
import { EvaluationChain } from '../../lib/core/remote/evaluation-chain.js';
import type {
  RemoteAnswer,
  RemoteEvaluator,
  RemoteFailure,
  RemoteFlag,
  RemoteQuestion,
} from '../../lib/core/remote/remote-evaluator.js';
import type { FlagValue } from '../../lib/core/evaluation/flag-evaluation.js';
import type { Clock } from '../../lib/core/time/clock.js';

export class ScriptedRemote implements RemoteEvaluator {
  readonly description = 'remote';
  readonly questions: RemoteQuestion[] = [];
  /** Called off by the end of the app. */
  readonly signals: AbortSignal[] = [];
  answer: (question: RemoteQuestion) => RemoteAnswer | Promise<RemoteAnswer> = () => flags({});

  async evaluate(question: RemoteQuestion, signal: AbortSignal): Promise<RemoteAnswer> {
    this.questions.push(question);
    this.signals.push(signal);
    return this.answer(question);
  }
}

export function flags(
  values: Readonly<Record<string, FlagValue>>,
  isComplete = true,
): RemoteAnswer {
  const all = Object.entries(values).map(([key, value]) => [key, remoteFlag(key, value)] as const);
  return { kind: 'flags', flags: new Map(all), isComplete };
}

export function remoteFlag(key: string, value: FlagValue): RemoteFlag {
  return { key, value, payload: undefined, reason: 'condition_match', conditionIndex: 0 };
}

export function failure(
  code: RemoteFailure['code'] = 'server-error',
  facts: Partial<RemoteFailure> = {},
): RemoteAnswer {
  return { kind: 'failed', failure: { code, message: `It failed (${code}).`, ...facts } };
}

/** A chain that ends with the local evaluation. */
export function localOnly(clock: Clock): EvaluationChain {
  const nothing = { questions: undefined, lastKnown: undefined };
  const digestOf = () => undefined;
  return new EvaluationChain({ ...nothing, clock, digestOf, onAnswered: () => undefined });
}
