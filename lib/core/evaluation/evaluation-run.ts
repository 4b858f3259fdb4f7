/**
 * What one evaluation works with: the context, taken apart once, and the outcomes of the flags
 * that others depend on, so that none is computed twice. It serves one call of `evaluate` after
 * another, and forgets the context in between; the view that `evaluateAll` returns keeps its own.
 */
import type { Outcome } from './flag-outcomes.js';
import { GroupSubjects } from './group-subjects.js';
import { failed, type Match, missingDistinctId, type Unknown } from './match.js';
import {
  absent,
  idText,
  longestId,
  type Properties,
  readProperty,
  ReusedSubject,
  type Subject,
} from './subject.js';

/** A cohort that can be matched. */
export interface Matchable {
  readonly lastMatch: LastMatch;
  match(subject: Subject, run: EvaluationRun): Match;
}

/** What a cohort answered last, and for whom. It lies at the cohort, so that it allocates nothing. */
export class LastMatch {
  subjectNumber = 0;
  match: Match = false;
}

/** A flag that can be decided. */
export interface Decidable {
  /** Its place among the flags of the snapshot. */
  readonly position: number;
  decide(run: EvaluationRun): Outcome;
}

/** The flags and cohorts of the snapshot in which a run evaluates; the plans name them. */
export interface CompiledParts {
  flag(key: string): Decidable | undefined;
  cohort(id: string): Matchable;
}

export class EvaluationRun {
  /** Why nothing can be evaluated for this context. */
  unknown: Unknown | undefined;
  readonly #person = new ReusedSubject('distinct_id');
  readonly #device = new ReusedSubject('distinct_id');
  readonly #groupSubjects = new GroupSubjects();
  readonly #now: () => number;
  readonly #flagCount: number;
  #groups: Properties | undefined;
  #groupProperties: Properties | undefined;
  #nowMs: number | undefined;
  // Made when first needed: most evaluations need none.
  #outcomes: (Outcome | undefined)[] | undefined;
  #lowestDecided: number;
  #highestDecided = -1;

  constructor(
    now: () => number,
    flagCount: number,
    readonly compiled: CompiledParts,
  ) {
    this.#now = now;
    this.#flagCount = flagCount;
    this.#lowestDecided = flagCount;
  }

  /** Takes the context apart; it may be anything, and may throw when it is read. */
  begin(context: unknown): this {
    try {
      this.unknown = this.#read((recordOf(context) ?? {}) as Properties);
    } catch {
      this.unknown = failed;
    }
    return this;
  }

  #read(context: Properties): Unknown | undefined {
    const { distinctId } = context;
    if (typeof distinctId !== 'string' || distinctId === '') return missingDistinctId;
    if (distinctId.length > longestId) return failed;
    this.#person.fill(distinctId, recordOf(context['personProperties']), distinctId);
    this.#groups = recordOf(context['groups']);
    this.#groupProperties = recordOf(context['groupProperties']);
    return undefined;
  }

  /** Forgets the context, and whatever came of it. */
  end(): void {
    this.#person.clear();
    this.#device.clear();
    this.#groupSubjects.clear();
    this.#groups = undefined;
    this.#groupProperties = undefined;
    this.#nowMs = undefined;
    if (this.#highestDecided < 0) return;
    this.#outcomes?.fill(undefined, this.#lowestDecided, this.#highestDecided + 1);
    this.#lowestDecided = this.#flagCount;
    this.#highestDecided = -1;
  }

  get person(): Subject {
    return this.#person;
  }

  /** The moment of this evaluation: the same for all its relative dates. */
  nowMs(): number {
    this.#nowMs ??= this.#now();
    return this.#nowMs;
  }

  /** The person, hashed by device; undefined when the properties name no device. */
  device(): Subject | undefined {
    const { properties, addedValue } = this.#person;
    const id = readProperty(this.#person, '$device_id');
    if (id === absent || id === undefined || id === null || id === '') return undefined;
    return this.#device.fill(idText(id), properties, addedValue);
  }

  /** The group of a type; undefined when the context names none. */
  group(type: string): Subject | undefined {
    const known = this.#groupSubjects.get(type);
    if (known !== undefined) return known;
    if (this.#groups === undefined || !Object.hasOwn(this.#groups, type)) return undefined;
    const key = this.#groups[type];
    const given = this.#groupProperties;
    const hasProperties = given !== undefined && Object.hasOwn(given, type);
    const properties = hasProperties ? recordOf(given[type]) : undefined;
    return this.#groupSubjects.add(type, key, properties);
  }

  /**
   * Matches a cohort, unless it was asked for this subject last. For cohorts within cohorts: where
   * these share members, matching them again and again would cost time without bound.
   */
  matchOnce(cohort: Matchable, subject: Subject): Match {
    const { lastMatch } = cohort;
    if (lastMatch.subjectNumber === subject.number) return lastMatch.match;
    const match = cohort.match(subject, this);
    lastMatch.subjectNumber = subject.number;
    lastMatch.match = match;
    return match;
  }

  /** Decides a flag, once. */
  outcomeOf(flag: Decidable): Outcome {
    this.#outcomes ??= Array<Outcome | undefined>(this.#flagCount);
    const known = this.#outcomes[flag.position];
    if (known !== undefined) return known;
    const outcome = flag.decide(this);
    this.#outcomes[flag.position] = outcome;
    this.#lowestDecided = Math.min(this.#lowestDecided, flag.position);
    this.#highestDecided = Math.max(this.#highestDecided, flag.position);
    return outcome;
  }
}

function recordOf(value: unknown): Properties | undefined {
  return typeof value === 'object' && value !== null ? (value as Properties) : undefined;
}
