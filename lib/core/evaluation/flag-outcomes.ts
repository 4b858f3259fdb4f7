/**
 * The outcomes that one flag can have, each made once and shared: the same answer is the same
 * frozen object, so comparing is `===` and answering allocates nothing.
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
  /** Present when the flag is unresolved. */
  readonly unknown: Unknown | undefined;
}

export class FlagOutcomes {
  readonly #decided = new Map<string, Outcome>();
  readonly #unresolved = new Map<Unknown, Outcome>();

  constructor(
    readonly key: string,
    readonly revision: number,
    readonly payloads: unknown,
  ) {}

  on(value: string | true, reason: DecidedReason, conditionIndex?: number): Outcome {
    return this.#intern(value, reason, conditionIndex);
  }

  off(reason: DecidedReason, conditionIndex?: number): Outcome {
    return this.#intern(false, reason, conditionIndex);
  }

  unresolved(unknown: Unknown): Outcome {
    const known = this.#unresolved.get(unknown);
    if (known !== undefined) return known;
    const evaluation = unresolvedEvaluation(this.key, unknown.reason, this.revision);
    const outcome = Object.freeze({ evaluation, unknown });
    this.#unresolved.set(unknown, outcome);
    return outcome;
  }

  #intern(value: FlagValue, reason: DecidedReason, conditionIndex?: number): Outcome {
    const id = `${typeof value} ${conditionIndex} ${reason} ${value}`;
    const known = this.#decided.get(id);
    if (known !== undefined) return known;
    const outcome = Object.freeze({
      evaluation: this.#evaluationOf(value, reason, conditionIndex),
      unknown: undefined,
    });
    this.#decided.set(id, outcome);
    return outcome;
  }

  #evaluationOf(value: FlagValue, reason: DecidedReason, conditionIndex?: number): FlagEvaluation {
    return Object.freeze({
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
  }
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
