/**
 * What one evaluation works with: the context, taken apart once, and the outcomes of the flags
 * that others depend on, so that none is computed twice. Lives as long as one call of
 * `evaluate`, or as the view that `evaluateAll` returns.
 */
import type { Outcome } from './flag-outcomes.js';
import type { Match } from './match.js';
import { absent, readProperty, type Subject } from './subject.js';

/** A cohort that can be matched. */
export interface Matchable {
  match(subject: Subject, run: EvaluationRun): Match;
}

/** A flag that can be decided. */
export interface Decidable {
  decide(run: EvaluationRun): Outcome;
}

type Properties = Readonly<Record<string, unknown>>;

export class EvaluationRun {
  readonly person: Subject;
  readonly #groups: Properties | undefined;
  readonly #groupProperties: Properties | undefined;
  readonly #now: () => number;
  // Made when first needed: most evaluations need neither.
  #outcomes: Map<Decidable, Outcome> | undefined;
  #matches: Map<Subject, Map<Matchable, Match>> | undefined;
  #nowMs: number | undefined;

  constructor(distinctId: string, context: Properties, now: () => number) {
    this.person = {
      bucketingId: distinctId,
      properties: recordOf(context['personProperties']),
      addedKey: 'distinct_id',
      addedValue: distinctId,
    };
    this.#groups = recordOf(context['groups']);
    this.#groupProperties = recordOf(context['groupProperties']);
    this.#now = now;
  }

  /** The moment of this evaluation: the same for all its relative dates. */
  nowMs(): number {
    this.#nowMs ??= this.#now();
    return this.#nowMs;
  }

  /** The person, hashed by device; undefined when the properties name no device. */
  device(): Subject | undefined {
    const id = readProperty(this.person, '$device_id');
    if (id === absent || id === undefined || id === null || id === '') return undefined;
    return { ...this.person, bucketingId: textOf(id) };
  }

  /** The group of a type; undefined when the context names none. */
  group(type: string): Subject | undefined {
    if (this.#groups === undefined || !Object.hasOwn(this.#groups, type)) return undefined;
    const key = this.#groups[type];
    const given = this.#groupProperties;
    const hasProperties = given !== undefined && Object.hasOwn(given, type);
    return {
      bucketingId: textOf(key),
      properties: hasProperties ? recordOf(given[type]) : undefined,
      addedKey: '$group_key',
      addedValue: key,
    };
  }

  /**
   * Matches a cohort, once for each subject. For cohorts within cohorts: where these share
   * members, matching them again and again would cost time without bound.
   */
  matchOnce(cohort: Matchable, subject: Subject): Match {
    this.#matches ??= new Map();
    let matches = this.#matches.get(subject);
    if (matches === undefined) this.#matches.set(subject, (matches = new Map()));
    let match = matches.get(cohort);
    if (match === undefined) matches.set(cohort, (match = cohort.match(subject, this)));
    return match;
  }

  /** Decides a flag, once. */
  outcomeOf(flag: Decidable): Outcome {
    this.#outcomes ??= new Map();
    const known = this.#outcomes.get(flag);
    if (known !== undefined) return known;
    const outcome = flag.decide(this);
    this.#outcomes.set(flag, outcome);
    return outcome;
  }
}

function recordOf(value: unknown): Properties | undefined {
  return typeof value === 'object' && value !== null ? (value as Properties) : undefined;
}

/** An id is a string by contract; anything else counts as its text. */
function textOf(id: unknown): string {
  return typeof id === 'string' ? id : String(id);
}
