/**
 * The snapshot of an app that has no definitions yet. It answers like any other, so that no
 * reader has to ask whether there is one: every flag is unresolved, `not_ready`.
 */
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import { namedEvaluations } from '../evaluation/lazy-evaluations.js';

export const unloadedSnapshot: FlagSnapshot = Object.freeze<FlagSnapshot>({
  revision: 0,
  keys: Object.freeze([]),
  definitions: Object.freeze({ flags: Object.freeze([]) }),
  has: () => false,
  definition: () => undefined,
  evaluate: (key) => notReady(key),
  evaluateAll: (_context, keys = []) => namedEvaluations(keys, notReady),
  explain: (key) => ({
    key,
    evaluation: notReady(key),
    summary: 'No definitions are loaded yet, so no flag can be decided.',
    conditions: [],
  }),
});

function notReady(key: string): FlagEvaluation {
  return Object.freeze<FlagEvaluation>({
    key,
    value: undefined,
    enabled: false,
    variant: undefined,
    payload: undefined,
    reason: 'not_ready',
    conditionIndex: undefined,
    origin: 'local',
    revision: undefined,
  });
}
