/**
 * A filter on the value of another flag. The definition names the flags to evaluate first, in
 * order, the target last; all of them must be known. Each is decided once per evaluation.
 */
import type { PropertyFilter } from '../definitions/flag-definitions.js';
import type { Compilation, DependencyMatcher } from './compilation.js';
import type { EvaluationRun } from './evaluation-run.js';
import type { FlagValue } from './flag-evaluation.js';
import type { Outcome } from './flag-outcomes.js';
import { inconclusiveFor, requiresServerFor, type Unknown, unsupported } from './match.js';
import { flagNode, keysOfChain } from './references.js';

export function compileDependency(
  filter: PropertyFilter,
  owner: string,
  compilation: Compilation,
): DependencyMatcher {
  const facts = { kind: 'flag', definition: filter } as const;
  const chain = dependencyChain(filter);
  const key = String(filter.key);
  if (!isFollowable(chain, owner, compilation)) {
    return { ...facts, match: () => unsupported, valueOf: () => undefined };
  }
  const valueOf = (run: EvaluationRun) => valueOfFlag(key, run);
  return {
    ...facts,
    valueOf,
    match(_subject, run) {
      for (const needed of chain) {
        const unknown = outcomeOf(needed, run)?.unknown;
        if (unknown !== undefined) return unknownBehind(unknown);
      }
      // A chain without its target says nothing of it.
      return chain.includes(key) && isExpected(valueOf(run), filter.value);
    },
  };
}

/** A flag of other evaluation contexts counts as off. */
function valueOfFlag(key: string, run: EvaluationRun): FlagValue | undefined {
  const outcome = outcomeOf(key, run);
  return outcome === undefined ? false : outcome.evaluation.value;
}

/** The keys to evaluate; none when PostHog found a circle, or the field is missing. */
export function dependencyChain(filter: PropertyFilter): readonly string[] {
  return keysOfChain(filter.dependency_chain);
}

/** True when every flag of the chain is known. */
export function isKnownChain(chain: readonly string[], compilation: Compilation): boolean {
  return (
    chain.length > 0 &&
    chain.every((key) => compilation.flagDefinition(key) || compilation.isFilteredOut(key))
  );
}

function isFollowable(chain: readonly string[], owner: string, compilation: Compilation): boolean {
  return (
    isKnownChain(chain, compilation) &&
    !chain.some((key) => compilation.isBlocked(owner, flagNode(key)))
  );
}

function outcomeOf(key: string, run: EvaluationRun): Outcome | undefined {
  const flag = run.compiled.flag(key);
  return flag && run.outcomeOf(flag);
}

function unknownBehind(unknown: Unknown): Unknown {
  if (unknown.kind === 'requires-server') return requiresServerFor('unresolved_dependency');
  const regex = unknown.kind === 'inconclusive' && unknown.regex;
  return inconclusiveFor('unresolved_dependency', regex);
}

/** `true` accepts any variant; a text accepts exactly that variant. */
function isExpected(value: FlagValue | undefined, expected: unknown): boolean {
  if (expected === true) return value === true || (typeof value === 'string' && value !== '');
  return (expected === false || typeof expected === 'string') && value === expected;
}
