/**
 * What an exposure wants to know of an answer, and an evaluation does not tell: who gave it, and
 * what went wrong. Noted beside the evaluation and not in it, and only where somebody reads it;
 * the words for errors are PostHog's.
 */
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';
import type { RemoteAnswer, RemoteFlag } from './remote-evaluator.js';

/** Why the value of an exposure is missing, or is not what it should be. @publicApi */
export type ExposureError =
  | 'errors_while_computing_flags' // the server could not compute all flags
  | 'flag_missing' // there is no such flag
  | 'quota_limited'
  | 'timeout'
  | 'connection_error'
  | `api_error_${number}` // the server answered with this HTTP status
  | 'unknown_error'
  | 'local_evaluation_inconclusive'; // it cannot be decided here, and nobody else was asked

export interface AnswerFacts extends Pick<
  RemoteFlag,
  'id' | 'version' | 'hasExperiment' | 'reasonText'
> {
  readonly requestId?: string | undefined;
  readonly evaluatedAt?: number | undefined;
  readonly minimalEvents?: boolean | undefined;
  readonly errors: readonly ExposureError[];
}

export class AnswerNotes {
  private readonly facts = new WeakMap<FlagEvaluation, AnswerFacts>();

  of(evaluation: FlagEvaluation): AnswerFacts | undefined {
    return this.facts.get(evaluation);
  }

  /** @param evaluation of this answer alone: outcomes that many share must not be written on */
  write(evaluation: FlagEvaluation, facts: AnswerFacts): void {
    this.facts.set(evaluation, facts);
  }
}

/** Of a flag that the answer has, or (without one) of a flag that it does not have. */
export function factsOf(answer: RemoteAnswer, flag?: RemoteFlag): AnswerFacts {
  if (answer.kind === 'failed') return { errors: errorsOf(answer) };
  const { requestId, evaluatedAt, minimalEvents } = answer;
  const { id, version, hasExperiment, reasonText } = flag ?? {};
  const missing = flag === undefined ? (['flag_missing'] as const) : [];
  return {
    requestId,
    evaluatedAt,
    minimalEvents,
    errors: [...errorsOf(answer), ...missing],
    ...(id !== undefined && { id }),
    ...(version !== undefined && { version }),
    ...(hasExperiment !== undefined && { hasExperiment }),
    ...(reasonText !== undefined && { reasonText }),
  };
}

/** What went wrong with the answer as a whole. */
export function errorsOf(answer: RemoteAnswer): readonly ExposureError[] {
  if (answer.kind === 'flags') return answer.isComplete ? [] : ['errors_while_computing_flags'];
  const { code, status } = answer.failure;
  switch (code) {
    case 'quota-exceeded':
      return ['quota_limited'];
    case 'timeout':
      return ['timeout'];
    case 'network':
      return ['connection_error'];
    default:
      return [status === undefined ? 'unknown_error' : `api_error_${status}`];
  }
}
