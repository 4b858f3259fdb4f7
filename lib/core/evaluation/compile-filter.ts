/** A filter by its type: membership of a cohort, value of another flag, or a property. */
import type { PropertyFilter } from '../definitions/flag-definitions.js';
import type { Compilation, CompiledFilter, MembershipMatcher } from './compilation.js';
import { compileDependency } from './compile-dependency.js';
import { compilePropertyFilter } from './compile-property-filter.js';
import { failed, serverOnly } from './match.js';
import { textOf } from './operators/value-text.js';
import { cohortNode, isCohortNode } from './references.js';

/**
 * `owner` is the flag or cohort that holds the filter, as a node of the reference graph. A
 * filter that cannot even be read fails where it is reached, not the whole flag.
 */
export function compileFilter(
  filter: PropertyFilter,
  owner: string,
  compilation: Compilation,
): CompiledFilter {
  try {
    return compileByType(filter, owner, compilation);
  } catch {
    return { kind: 'property', definition: filter, match: () => failed };
  }
}

function compileByType(
  filter: PropertyFilter,
  owner: string,
  compilation: Compilation,
): CompiledFilter {
  switch (filter.type) {
    case 'cohort':
      return compileMembership(filter, owner, compilation);
    case 'flag':
      return compileDependency(filter, owner, compilation);
    default:
      return compilePropertyFilter(filter, compilation.rules);
  }
}

/** A cohort that the definitions do not hold is a static one: only the server knows its members. */
function compileMembership(
  filter: PropertyFilter,
  owner: string,
  compilation: Compilation,
): MembershipMatcher {
  const facts = { kind: 'cohort', definition: filter } as const;
  const id = textOf(filter.value);
  if (id === undefined) throw new TypeError('The id of a cohort has no text.');
  if (!compilation.hasCohort(id) || compilation.isBlocked(owner, cohortNode(id))) {
    return { ...facts, match: () => serverOnly, cohortId: undefined };
  }
  const isInverted = filter.operator === 'not_in';
  const isNested = isCohortNode(owner);
  return {
    ...facts,
    cohortId: id,
    match(subject, run) {
      const cohort = run.compiled.cohort(id);
      const match = isNested ? run.matchOnce(cohort, subject) : cohort.match(subject, run);
      return isInverted && typeof match === 'boolean' ? !match : match;
    },
  };
}
