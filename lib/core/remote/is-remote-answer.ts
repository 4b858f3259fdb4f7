/**
 * Whether what a remote evaluator has answered is an answer. Evaluators are given by the app, in
 * JavaScript perhaps; what is none must not break an evaluation three steps later.
 */
import { hasMethod, isObject } from '../given/given-value.js';
import type { RemoteAnswer } from './remote-evaluator.js';

export function isRemoteAnswer(answer: unknown): answer is RemoteAnswer {
  if (!isObject(answer) || !('kind' in answer)) return false;
  if (answer.kind === 'failed') return 'failure' in answer && isFailure(answer.failure);
  if (answer.kind !== 'flags' || !('flags' in answer)) return false;
  const { flags } = answer;
  if (!['get', 'values', 'entries'].every((name) => hasMethod(flags, name))) return false;
  return [...(flags as ReadonlyMap<unknown, unknown>).entries()].every(isDecided);
}

function isFailure(failure: unknown): boolean {
  if (!isObject(failure)) return false;
  const { code, message } = failure as Readonly<Record<string, unknown>>;
  return typeof code === 'string' && typeof message === 'string';
}

function isDecided([key, flag]: readonly [unknown, unknown]): boolean {
  if (!isObject(flag)) return false;
  const { key: named, value } = flag as Readonly<Record<string, unknown>>;
  return named === key && (typeof value === 'boolean' || typeof value === 'string');
}
