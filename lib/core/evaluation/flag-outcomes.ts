/**
 * The outcomes that one flag can have, each made once and shared: the same answer is the same
 * frozen object, so comparing is `===` and answering allocates nothing. A flag has few of them;
 * they are found by looking through short lists.
 */
import type {
  DecidedReason,
  FlagEvaluation,
  FlagValue,
  UnresolvedReason,
} from './flag-evaluation.js';
import type { Unknown } from './match.js';
import { payloadOf } from './payload.js';

export interface Outcome {
  readonly evaluation: FlagEvaluation;
  /** That of the evaluation, where it is found without another step. */
  readonly value: FlagValue | undefined;
  /** Present when the flag is unresolved. */
  readonly unknown: Unknown | undefined;
}

export class FlagOutcomes {
  /** By the condition that decided; false there means that its rollout left the id out. */
  readonly #byCondition: (Outcome[] | undefined)[] = [];
  readonly #others: Outcome[] = [];

  constructor(
    readonly key: string,
    readonly revision: number,
    readonly payloads: unknown,
  ) {}

  matched(value: string | true, conditionIndex: number): Outcome {
    return this.#ofCondition(value, 'condition_match', conditionIndex);
  }

  outOfRollout(conditionIndex: number): Outcome {
    return this.#ofCondition(false, 'out_of_rollout_bound', conditionIndex);
  }

  held(value: string): Outcome {
    return this.#ofWhole(value, 'holdout_condition_value');
  }

  off(reason: DecidedReason): Outcome {
    return this.#ofWhole(false, reason);
  }

  unresolved(unknown: Unknown): Outcome {
    for (const outcome of this.#others) if (outcome.unknown === unknown) return outcome;
    const evaluation = unresolvedEvaluation(this.key, unknown.reason, this.revision);
    return added(this.#others, { evaluation, value: undefined, unknown });
  }

  #ofCondition(value: FlagValue, reason: DecidedReason, conditionIndex: number): Outcome {
    const known = (this.#byCondition[conditionIndex] ??= []);
    for (const outcome of known) if (outcome.value === value) return outcome;
    return added(known, this.#decided(value, reason, conditionIndex));
  }

  #ofWhole(value: FlagValue, reason: DecidedReason): Outcome {
    for (const outcome of this.#others) {
      if (outcome.value === value && outcome.evaluation.reason === reason) return outcome;
    }
    return added(this.#others, this.#decided(value, reason, undefined));
  }

  #decided(value: FlagValue, reason: DecidedReason, conditionIndex: number | undefined): Outcome {
    const evaluation: FlagEvaluation = Object.freeze({
      key: this.key,
      value,
      enabled: value !== false,
      variant: typeof value === 'string' ? value : undefined,
      payload: value === false ? undefined : payloadOf(this.payloads, value),
      reason,
      conditionIndex,
      origin: 'local',
      revision: this.revision,
    });
    return { evaluation, value, unknown: undefined };
  }
}

function added(known: Outcome[], outcome: Outcome): Outcome {
  known.push(Object.freeze(outcome));
  return outcome;
}

/** An evaluation without a value. */
export function unresolvedEvaluation(
  key: string,
  reason: UnresolvedReason,
  revision: number,
): FlagEvaluation {
  return Object.freeze({
    key,
    value: undefined,
    enabled: false,
    variant: undefined,
    payload: undefined,
    reason,
    conditionIndex: undefined,
    origin: 'local',
    revision,
  });
}
