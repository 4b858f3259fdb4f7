/** This library, through its public door without Nest. */
import { compileFlagDefinitions } from 'nestjs-feature-flags/evaluation';
import { users } from '../users.mjs';
import { posthogDefinitions } from './posthog-definitions.mjs';
import { onlyKeyOf } from './system.mjs';

/** @type {import('./system.mjs').System} */
export const ours = {
  name: 'nestjs-feature-flags',
  isAsync: false,
  open: async (workload) => {
    const snapshot = compileFlagDefinitions(posthogDefinitions(workload));
    const key = onlyKeyOf(workload);
    return {
      contexts: users.map(({ id, properties }) => ({
        distinctId: id,
        personProperties: properties,
      })),
      evaluate: workload.all
        ? (context) => allOf(snapshot.evaluateAll(context))
        : (context) => snapshot.evaluate(key, context),
      valueOf: (answer, asked) => (workload.all ? answer.get(asked).value : answer.value),
      close: () => undefined,
    };
  },
};

/**
 * The view computes what it is asked for, so all of it is asked for.
 * @param {import('nestjs-feature-flags/evaluation').FlagEvaluations} view
 */
function allOf(view) {
  view.forEach(ignore);
  return view;
}

function ignore() {}
