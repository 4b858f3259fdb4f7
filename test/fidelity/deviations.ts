/**
 * The deviations from PostHog's client that we have decided on, each as a rewriting: the
 * document and context that say to the *reference* in so many words what our rule reads in the
 * original. If the reference, given the rewritten case, answers as we do on the original, the
 * difference is that deviation and nothing else; otherwise it is a mistake of ours.
 *
 * - D1: an integer in `exact`/`is_not` is the text that JSON gives it (the reference leaves it).
 * - D2: inherited names such as `constructor` are ordinary keys.
 * - D5: flags that use what only the server evaluates are unresolved (the reference ignores it).
 */
import type { FlagDefinition } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import type { OracleInput } from './oracle.js';
import { ordinaryNamesInContext, ordinaryNamesInDocument } from './rewrite-inherited-names.js';
import { integersAsTextInContext, integersAsTextInDocument } from './rewrite-integers.js';

export type DeviationName = 'D1' | 'D2' | 'D5';

interface Rewriting {
  readonly document: (definitions: OracleInput['definitions']) => OracleInput['definitions'];
  readonly context: (context: EvaluationContext) => EvaluationContext;
}

const rewritings: Readonly<Record<DeviationName, Rewriting>> = {
  D1: { document: integersAsTextInDocument, context: integersAsTextInContext },
  D2: { document: ordinaryNamesInDocument, context: ordinaryNamesInContext },
  D5: {
    document: (definitions) => ({
      ...definitions,
      flags: definitions.flags.map((flag) =>
        usesServerOnlyParts(flag) ? leftToServer(flag) : flag,
      ),
    }),
    context: (context) => context,
  },
};

export const deviationNames = Object.keys(rewritings) as DeviationName[];

/** Every combination of the given deviations, the simple ones first; none is not one. */
export function combinations(names: readonly DeviationName[]): DeviationName[][] {
  const all = names.reduce<DeviationName[][]>(
    (found, name) => [...found, ...found.map((combination) => [...combination, name])],
    [[]],
  );
  return all.filter(({ length }) => length > 0).sort((left, right) => left.length - right.length);
}

export function rewriteDocument(
  names: readonly DeviationName[],
  definitions: OracleInput['definitions'],
): OracleInput['definitions'] {
  return names.reduce((document, name) => rewritings[name].document(document), definitions);
}

export function rewriteContext(
  names: readonly DeviationName[],
  context: EvaluationContext,
): EvaluationContext {
  return names.reduce((rewritten, name) => rewritings[name].context(rewritten), context);
}

/** Whether the flag uses a part of PostHog's rules that no SDK evaluates. */
function usesServerOnlyParts({ filters, ...flag }: FlagDefinition): boolean {
  const version = filters?.['version'] ?? 1;
  return (
    isFilled(filters?.['super_groups']) ||
    isFilled(filters?.['holdout_groups']) ||
    isFilled(filters?.['feature_enrollment']) ||
    version !== 1 ||
    flag.has_encrypted_payloads === true
  );
}

function isFilled(part: unknown): boolean {
  return Array.isArray(part)
    ? part.length > 0
    : part !== undefined && part !== null && part !== false;
}

/** The same flag with nothing but a condition on a static cohort, which only the server knows. */
function leftToServer(flag: FlagDefinition): FlagDefinition {
  const staticCohort = { key: 'id', type: 'cohort', operator: 'in', value: 'static cohort' };
  return {
    ...flag,
    bucketing_identifier: null,
    filters: { groups: [{ properties: [staticCohort] }] },
  };
}
