/** Whether all hostile input gets an answer, in every way to ask. */
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../../lib/core/evaluation/flag-evaluation.js';
import { compileFlagDefinitions, parseDefinitions } from '../../lib/evaluation.js';
import type { HostileInput } from './hostile-case.js';
import { hostileCases } from './hostile-cases.js';

export interface HostileAnswers {
  readonly asked: number;
  /** The cases that threw, or gave what is no answer. */
  readonly wrong: readonly string[];
}

/** Making and asking what is this large takes long in sum; the command does it. */
const isLarge = (name: string): boolean => /[KM]B|0{4,} characters|1,000,000/.test(name);

export function answerHostileCases(): HostileAnswers {
  const cases = Object.values(hostileCases)
    .flatMap((ofKind) => Object.entries(ofKind))
    .filter(([name]) => !isLarge(name));
  const wrong = cases.flatMap(([name, { make }]) => {
    const input = make();
    try {
      return evaluationsOf(input).every(isAnswer) ? [] : [`${name}: no answer`];
    } catch (error) {
      return [`${name}: threw ${String(error)}`];
    }
  });
  return { asked: cases.length, wrong };
}

function evaluationsOf({ definitions, context, keys }: HostileInput): FlagEvaluation[] {
  const given = context as EvaluationContext;
  parseDefinitions(definitions);
  const snapshot = compileFlagDefinitions(definitions as FlagDefinitionCacheData);
  const all = snapshot.evaluateAll(given, keys);
  return keys.flatMap((key) => [
    snapshot.evaluate(key, given),
    snapshot.explain(key, given, { showValues: true }).evaluation,
    all.get(key) ?? snapshot.evaluate(key, given),
  ]);
}

/** Of one mind with itself, and with a reason. */
export function isAnswer({ value, enabled, variant, reason }: FlagEvaluation): boolean {
  const isVariant = typeof value === 'string';
  return (
    (isVariant || value === undefined || typeof value === 'boolean') &&
    enabled === (isVariant || value === true) &&
    variant === (isVariant ? value : undefined) &&
    /^[a-z_]+$/.test(reason)
  );
}
