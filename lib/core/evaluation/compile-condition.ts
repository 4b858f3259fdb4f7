/** A release condition: whom it looks at, what it asks, how many of them it lets in. */
import type {
  ConditionGroup,
  FlagFilters,
  PropertyFilter,
} from '../definitions/flag-definitions.js';
import type { Compilation, CompiledFilter, Matcher } from './compilation.js';
import { compileFilter } from './compile-filter.js';
import type { EvaluationRun } from './evaluation-run.js';
import { combine, failed, type Match, type Open, type Unknown } from './match.js';
import { flagNode } from './references.js';
import { compileRollout, type Rollout } from './rollout.js';
import type { Subject } from './subject.js';

export interface CompiledCondition {
  readonly index: number;
  readonly definition: ConditionGroup;
  readonly filters: readonly CompiledFilter[];
  readonly rollout: Rollout | undefined;
  /** The variant that it prescribes, when the flag has it. */
  readonly variantOverride: string | undefined;
  /** Whom it looks at; undefined when the context does not name its group. */
  readonly subjectFor: (flagSubject: Subject, run: EvaluationRun) => Subject | undefined;
}

export function compileCondition(
  definition: ConditionGroup,
  index: number,
  flag: { readonly key: string; readonly filters: FlagFilters },
  compilation: Compilation,
): CompiledCondition {
  return {
    index,
    definition,
    filters: (definition.properties ?? []).map((filter: PropertyFilter) =>
      compileFilter(filter, flagNode(flag.key), compilation),
    ),
    rollout: compileRollout(definition.rollout_percentage),
    variantOverride: overrideOf(definition, flag.filters),
    subjectFor: compileSubject(definition, flag.filters, compilation),
  };
}

/** The variant that a condition prescribes counts only when the flag has it. */
function overrideOf({ variant }: ConditionGroup, filters: FlagFilters): string | undefined {
  if (typeof variant !== 'string' || variant === '') return undefined;
  const isKnown = (filters.multivariate?.variants ?? []).some(({ key }) => key === variant);
  return isKnown ? variant : undefined;
}

/** One function for all conditions: most are so, and V8 then calls none. */
const inheritedSubject: CompiledCondition['subjectFor'] = (flagSubject) => flagSubject;

/** A condition may look at a group of its own; one that asks for people keeps the flag's. */
function compileSubject(
  definition: ConditionGroup,
  filters: FlagFilters,
  compilation: Compilation,
): CompiledCondition['subjectFor'] {
  const own = definition.aggregation_group_type_index;
  const isInherited = own === undefined || own === filters.aggregation_group_type_index;
  if (isInherited || own === null) return inheritedSubject;
  const groupType = compilation.groupType(own);
  return (_flagSubject, run) => (groupType === undefined ? undefined : run.group(groupType));
}

/**
 * All filters must match. One definite mismatch decides, even after unknowns; among unknowns
 * the need for the server counts only when it was met first.
 */
export function matchFilters(
  filters: readonly CompiledFilter[],
  subject: Subject,
  run: EvaluationRun,
): Match {
  let unknown: Open | undefined;
  let first: Unknown | undefined;
  try {
    for (const filter of filters) {
      const match = filter.match(subject, run);
      if (match === true) continue;
      if (match === false) return false;
      first ??= match;
      if (match.kind === 'failed') break;
      unknown = combine(unknown, match);
    }
  } catch {
    first ??= failed;
  }
  return first === undefined || first.kind === 'inconclusive' ? (unknown ?? true) : first;
}

/** Of one part alone. What throws is the caller's: a getter, a Proxy, a `toString`. */
export function matchSafely(part: Matcher, subject: Subject, run: EvaluationRun): Match {
  try {
    return part.match(subject, run);
  } catch {
    return failed;
  }
}
