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
  readonly #off = new Map<DecidedReason, Outcome>();
  readonly #held = new Map<string, Outcome>();
  /** By condition, then by value. */
  readonly #matched: Map<FlagValue, Outcome>[] = [];
  readonly #outOfRollout: Outcome[] = [];
  readonly #unresolved = new Map<Unknown, Outcome>();

  constructor(
    readonly key: string,
    readonly revision: number,
    readonly payloads: unknown,
  ) {}

  matched(value: string | true, conditionIndex: number): Outcome {
    const known = (this.#matched[conditionIndex] ??= new Map<FlagValue, Outcome>());
    return intern(known, value, () => this.#decided(value, 'condition_match', conditionIndex));
  }

  held(value: string): Outcome {
    return intern(this.#held, value, () => this.#decided(value, 'holdout_condition_value'));
  }

  outOfRollout(conditionIndex: number): Outcome {
    return (this.#outOfRollout[conditionIndex] ??= this.#decided(
      false,
      'out_of_rollout_bound',
      conditionIndex,
    ));
  }

  off(reason: DecidedReason): Outcome {
    return intern(this.#off, reason, () => this.#decided(false, reason));
  }

  unresolved(unknown: Unknown): Outcome {
    return intern(this.#unresolved, unknown, () => {
      const evaluation = unresolvedEvaluation(this.key, unknown.reason, this.revision);
      return Object.freeze({ evaluation, unknown });
    });
  }

  #decided(value: FlagValue, reason: DecidedReason, conditionIndex?: number): Outcome {
    const evaluation = this.#evaluationOf(value, reason, conditionIndex);
    return Object.freeze({ evaluation, unknown: undefined });
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

function intern<Key>(known: Map<Key, Outcome>, key: Key, make: () => Outcome): Outcome {
  let outcome = known.get(key);
  if (outcome === undefined) known.set(key, (outcome = make()));
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
