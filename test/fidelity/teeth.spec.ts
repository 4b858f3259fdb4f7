/**
 * Proves that the comparison with posthog-node can fail: each small mistake, planted on our
 * side only, must be found, and must not pass as one of the named deviations.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FlagEvaluation, FlagEvaluations } from '../../lib/core/evaluation/flag-evaluation.js';
import type { FlagSnapshot } from '../../lib/core/evaluation/flag-snapshot.js';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { inThread } from '../support/in-thread.js';
import type { Compile } from './compare.js';
import { integersReadAsFloats, mutations } from './mutations.js';
import { runFidelity } from './run.js';
import type { RunReport } from './run.js';

/** How far the search for a planted mistake goes; the whole comparison goes three times as far. */
const evaluations = 30_000;

const search = (compile: Compile, shrinkTries = 0): Promise<RunReport> =>
  runFidelity({ compile, evaluations, seed: 1, maxMistakes: 1, shrinkTries });

describe('the comparison with posthog-node', () => {
  describe('beside each of the mutations', () => {
    let found: Readonly<Record<string, readonly string[]>> = {};
    beforeAll(async () => {
      found = await inThread(new URL('hunt.ts', import.meta.url), 'hunt', evaluations);
    }, 300_000);

    it.each(Object.keys(mutations))('finds: %s', (name) => {
      expect(found[name]).toHaveLength(1);
    });
  });

  it.each([
    ['an answer that is off instead of on', (it) => (it.value === true ? { value: false } : {})],
    [
      'an answer that is off instead of unresolved',
      (it) => (it.value === undefined ? { value: false } : {}),
    ],
    [
      'an answer that is unresolved instead of off',
      (it) => (it.value === false ? { value: undefined } : {}),
    ],
    ['another variant', (it) => (it.value === 'control' ? { value: 'test' } : {})],
    ['on instead of a variant', (it) => (typeof it.value === 'string' ? { value: true } : {})],
    ['a payload too many', (it) => (it.value === false ? { payload: 'surplus' } : {})],
    [
      'a payload that was changed',
      (it) => (Array.isArray(it.payload) ? { payload: it.payload.slice(1) } : {}),
    ],
    ['an empty payload taken for none', (it) => (it.payload === 0 ? { payload: undefined } : {})],
    [
      'a wrong reason',
      (it) => (it.reason === 'missing_context' ? { reason: 'unsupported_definition' } : {}),
    ],
  ] satisfies [string, (it: FlagEvaluation) => Partial<FlagEvaluation>][])(
    'finds %s',
    async (_, change) => {
      const report = await search(
        withAnswers((evaluation) => ({ ...evaluation, ...change(evaluation) })),
      );
      expect(report.mistakes).toHaveLength(1);
    },
  );

  it('finds a mistake that is made only when many flags are asked for', async () => {
    const compile: Compile = (definitions, options) => {
      const snapshot = compileFlagDefinitions(definitions, options);
      return { ...facesOf(snapshot), evaluateAll: (context) => snapshot.evaluateAll(context, []) };
    };
    expect((await search(compile)).mistakes).toHaveLength(1);
  });

  it('does not take a wrong rule for integers for our rule for integers', async () => {
    const report = await search((definitions, options) =>
      compileFlagDefinitions(
        options.compat ? definitions : integersReadAsFloats(definitions),
        options,
      ),
    );
    expect(report.mistakes).toHaveLength(1);
  });

  it('does not take a flag that only the server can evaluate for one that is off', async () => {
    const report = await search((definitions, options) => {
      const answer = withAnswers((evaluation) =>
        !options.compat &&
        definitions.flags.some(({ filters }) => filters?.['feature_enrollment'] === true)
          ? { ...evaluation, value: evaluation.value ?? false }
          : evaluation,
      );
      return answer(definitions, options);
    });
    expect(report.mistakes).toHaveLength(1);
  });

  it('shows a mistake with the smallest document that has it', async () => {
    const noRollout = mutations['rollout ignored']!;
    const report = await search(
      (definitions, options) => compileFlagDefinitions(noRollout(definitions), options),
      2_000,
    );
    const [mistake = ''] = report.mistakes;
    const definitions = JSON.parse(/definitions: (.*)/.exec(mistake)?.[1] ?? '{}') as {
      flags: { key: string }[];
    };
    expect(definitions.flags).toHaveLength(1);
    expect(JSON.stringify(definitions).length).toBeLessThan(200);
    expect(mistake).toMatch(/seed \d+.*context:.*distinctId.*ours:.*posthog:/s);
  });
});

/** Our evaluator with its answers changed. */
function withAnswers(change: (evaluation: FlagEvaluation) => FlagEvaluation): Compile {
  return (definitions, options) => {
    const snapshot = compileFlagDefinitions(definitions, options);
    return {
      ...facesOf(snapshot),
      evaluate: (key, context) => change(snapshot.evaluate(key, context)),
      evaluateAll: (context, keys) => viewOf(snapshot.evaluateAll(context, keys), change),
    };
  };
}

function viewOf(
  all: FlagEvaluations,
  change: (evaluation: FlagEvaluation) => FlagEvaluation,
): FlagEvaluations {
  const entries = Array.from(all, ([key, evaluation]) => [key, change(evaluation)] as const);
  const byKey = new Map(entries);
  return {
    size: byKey.size,
    get: (key) => byKey.get(key),
    has: (key) => byKey.has(key),
    forEach: (callback) => entries.forEach(([key, evaluation]) => callback(evaluation, key)),
    toJSON: () => ({}),
    [Symbol.iterator]: () => entries[Symbol.iterator](),
  };
}

function facesOf(snapshot: FlagSnapshot): FlagSnapshot {
  return {
    revision: snapshot.revision,
    keys: snapshot.keys,
    definitions: snapshot.definitions,
    has: (key) => snapshot.has(key),
    definition: (key) => snapshot.definition(key),
    evaluate: (key, context) => snapshot.evaluate(key, context),
    evaluateAll: (context, keys) => snapshot.evaluateAll(context, keys),
    explain: (key, context, options) => snapshot.explain(key, context, options),
  };
}
