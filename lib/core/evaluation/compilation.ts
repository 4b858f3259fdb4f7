/**
 * What the parts of a compiled snapshot know of each other. Flags refer to cohorts and to other
 * flags, cohorts to cohorts and flags: they meet here, through interfaces, and each is compiled
 * when an evaluation first needs it.
 */
import type { FlagDefinition, PropertyFilter } from '../definitions/flag-definitions.js';
import type { Decidable, EvaluationRun, LastMatch } from './evaluation-run.js';
import type { FlagValue } from './flag-evaluation.js';
import type { Match } from './match.js';
import type { OperatorRules } from './operators/property-test.js';
import type { Subject } from './subject.js';

/** Answers for one subject. */
export interface Matcher {
  readonly match: (subject: Subject, run: EvaluationRun) => Match;
}

export type CompiledFilter = PropertyMatcher | MembershipMatcher | DependencyMatcher;

export interface PropertyMatcher extends Matcher {
  readonly kind: 'property';
  readonly definition: PropertyFilter;
}

export interface MembershipMatcher extends Matcher {
  readonly kind: 'cohort';
  readonly definition: PropertyFilter;
  /** The cohort; undefined for one that cannot be looked into. */
  readonly cohortId: string | undefined;
}

export interface DependencyMatcher extends Matcher {
  readonly kind: 'flag';
  readonly definition: PropertyFilter;
  /** The value of the other flag; undefined when it is unresolved. */
  valueOf(run: EvaluationRun): FlagValue | undefined;
}

/** A cohort, or a group within one. */
export interface CohortNode extends Matcher {
  readonly lastMatch: LastMatch;
  readonly type: 'AND' | 'OR';
  readonly members: readonly CohortMember[];
}

export interface CohortMember extends Matcher {
  readonly content: CohortNode | CompiledFilter;
  readonly isNegated: boolean;
}

/** The whole to which the parts belong. */
export interface Compilation {
  readonly rules: OperatorRules;
  /** Whether flags that only the server can evaluate are left to it instead of guessed. */
  readonly refusesServerFeatures: boolean;
  readonly revision: number;
  /** Name of a group type; undefined when the definitions do not know the index. */
  groupType(index: unknown): string | undefined;
  hasCohort(id: string): boolean;
  /** What the definitions say of a cohort. */
  cohortDefinition(id: string): unknown;
  cohort(id: string): CohortNode;
  flagDefinition(key: string): FlagDefinition | undefined;
  flag(key: string): Decidable | undefined;
  /** True for a flag left out because its evaluation contexts are not ours. */
  isFilteredOut(key: string): boolean;
  /** True when following this reference could go round in a circle or too deep. */
  isBlocked(from: string, to: string): boolean;
}
