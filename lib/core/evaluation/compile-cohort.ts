/**
 * A cohort as a tree of AND and OR. The first member of a level says whether the level holds
 * groups or filters, as in PostHog's SDKs; a level that mixes them is therefore left unknown
 * where it is reached, not guessed.
 */
import type { PropertyFilter } from '../definitions/flag-definitions.js';
import type { CohortMember, CohortNode, Compilation } from './compilation.js';
import { compileFilter } from './compile-filter.js';
import { asRecord } from './definition-reader.js';
import { type EvaluationRun, LastMatch } from './evaluation-run.js';
import { combine, type Match, type Open, serverOnly } from './match.js';
import { cohortNode, deepestCohort } from './references.js';
import type { Subject } from './subject.js';

export function compileCohort(id: string, compilation: Compilation): CohortNode {
  return compileNode(compilation.cohortDefinition(id), cohortNode(id), compilation, 0);
}

function compileNode(
  definition: unknown,
  owner: string,
  compilation: Compilation,
  depth: number,
): CohortNode {
  const group = asRecord(definition);
  if (group === undefined) return constant(definition ? serverOnly : true);
  if (Object.keys(group).length === 0) return constant(true);
  const type = group['type'] === 'property' ? 'AND' : group['type'];
  if (type !== 'AND' && type !== 'OR') return constant(serverOnly);
  const { values } = group;
  if (!values) return constant(type === 'AND', type);
  if (!Array.isArray(values) || depth > deepestCohort) return constant(serverOnly);
  const first = asRecord(values[0]);
  const members =
    first !== undefined && 'values' in first
      ? values.map((part) => asMember(compileNode(part, owner, compilation, depth + 1)))
      : values.map((part: PropertyFilter) => compileLeaf(part, owner, compilation));
  const match = type === 'AND' ? matchAll(members) : matchAny(members);
  return { type, members, match, lastMatch: new LastMatch() };
}

function compileLeaf(
  definition: PropertyFilter,
  owner: string,
  compilation: Compilation,
): CohortMember {
  const filter = compileFilter(definition, owner, compilation);
  if (!definition.negation) return asMember(filter);
  return {
    content: filter,
    isNegated: true,
    match(subject, run) {
      const match = filter.match(subject, run);
      return typeof match === 'boolean' ? !match : match;
    },
  };
}

function asMember(content: CohortMember['content']): CohortMember {
  return { content, isNegated: false, match: content.match };
}

/** The same answer for everybody. */
function constant(answer: Match, type: CohortNode['type'] = 'AND'): CohortNode {
  return { type, members: [], match: () => answer, lastMatch: new LastMatch() };
}

type MatchFunction = (subject: Subject, run: EvaluationRun) => Match;

function matchAll(members: readonly CohortMember[]): MatchFunction {
  return matchUntil(false, members);
}

function matchAny(members: readonly CohortMember[]): MatchFunction {
  return matchUntil(true, members);
}

/** The first decisive answer wins; unknowns are passed over, unless only the server can go on. */
function matchUntil(decisive: boolean, members: readonly CohortMember[]): MatchFunction {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only.match;
  return (subject, run) => {
    let unknown: Open | undefined;
    for (const member of members) {
      const match = member.match(subject, run);
      if (match === decisive) return match;
      if (typeof match === 'boolean') continue;
      if (match.kind !== 'inconclusive') return match;
      unknown = combine(unknown, match);
    }
    return unknown ?? !decisive;
  };
}
