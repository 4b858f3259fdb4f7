/** A snapshot that takes the place of another: what it keeps, and that it answers as a new one. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  CohortDefinition,
  FlagDefinition,
  FlagDefinitionCacheData,
} from '../../../lib/core/definitions/flag-definitions.js';
import {
  compileFlagDefinitions,
  compileInPlaceOf,
} from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { CompileOptions, FlagSnapshot } from '../../../lib/core/evaluation/flag-snapshot.js';
import { type FidelityCase, generateCase } from '../../fidelity/generate-case.js';
import { alice, documentOf, flagWith } from './ask.js';

/** Counts how often it is compiled: the percentage of a condition is read at no other time. */
function counted(
  key: string,
  condition: object = {},
): { flag: FlagDefinition; times: () => number } {
  let times = 0;
  const flag = flagWith(key, {
    ...condition,
    get rollout_percentage() {
      times += 1;
      return 100;
    },
  });
  return { flag, times: () => times };
}

function refreshed(
  before: FlagDefinitionCacheData,
  after: FlagDefinitionCacheData,
  options: CompileOptions = {},
): FlagSnapshot {
  const previous = compileFlagDefinitions(before, { revision: 1 });
  previous.evaluateAll(alice).toJSON();
  return compileInPlaceOf(previous, after, { revision: 2, ...options });
}

const inCohort = { properties: [{ key: 'id', type: 'cohort', value: 7 }] };
const onDependency = {
  properties: [
    {
      key: 'base',
      type: 'flag',
      value: true,
      operator: 'flag_evaluates_to',
      dependency_chain: ['base'],
    },
  ],
};

describe('a snapshot that takes the place of another', () => {
  it('compiles only what changed', () => {
    const same = counted('same');
    const changed = counted('changed');
    const next = refreshed(
      documentOf([same.flag, changed.flag]),
      documentOf([{ ...changed.flag }, same.flag]),
    );
    const compiled = [same.times(), changed.times()];
    expect(next.evaluate('same', alice)).toMatchObject({ value: true, revision: 2 });
    expect(next.evaluate('changed', alice)).toMatchObject({ value: true, revision: 2 });
    expect([same.times(), changed.times()]).toEqual([compiled[0], (compiled[1] ?? 0) + 1]);
  });

  it('keeps over many what was not asked for in between', () => {
    const same = counted('same');
    const first = compileFlagDefinitions(documentOf([same.flag]));
    first.evaluate('same', alice);
    const compiled = same.times();
    const second = compileInPlaceOf(first, documentOf([same.flag]), {});
    const third = compileInPlaceOf(second, documentOf([same.flag]), {});
    expect(third.evaluate('same', alice).value).toBe(true);
    expect(same.times()).toBe(compiled);
  });

  it.each([
    ['the cohort it uses', inCohort],
    ['the flag it depends on', onDependency],
  ])('compiles a flag anew when %s changed, and not when it stayed', (_what, condition) => {
    const flag = counted('flag', condition);
    const base = flagWith('base', {});
    const cohort: CohortDefinition = { type: 'AND', values: [] };
    const before = { ...documentOf([base, flag.flag]), cohorts: { 7: cohort } };
    const afterChange = {
      ...documentOf([flagWith('base', { rollout_percentage: 0 }), flag.flag]),
      cohorts: { 7: { type: 'OR', values: [] } as CohortDefinition },
    };
    const same = refreshed(before, { ...before });
    const compiled = flag.times();
    expect(same.evaluate('flag', alice).value).toBe(true);
    expect(flag.times()).toBe(compiled);
    const changed = refreshed(before, afterChange);
    const compiledAgain = flag.times();
    expect(changed.evaluate('flag', alice).value).toBe(false);
    expect(flag.times()).toBe(compiledAgain + 1);
  });

  it('compiles anew every flag that refers to what changed', () => {
    const dependents = ['first', 'second', 'third'].map((key) => counted(key, onDependency));
    const flags = dependents.map(({ flag }) => flag);
    const next = refreshed(documentOf([flagWith('base', {}), ...flags]), documentOf(flags));
    const compiled = dependents.map(({ times }) => times());
    expect(flags.map(({ key }) => next.evaluate(key, alice).reason)).toEqual(
      flags.map(() => 'unsupported_definition'),
    );
    expect(dependents.map(({ times }) => times())).toEqual(compiled.map((times) => times + 1));
  });

  it('compiles a flag anew when the flag it depends on was for others and is for us', () => {
    const flag = counted('flag', onDependency);
    const options = { evaluationContexts: ['web'] };
    const baseOf = (...contexts: string[]) => ({
      ...flagWith('base', {}),
      evaluation_contexts: contexts,
    });
    const document = (base: FlagDefinition) => documentOf([base, flag.flag]);
    const first = compileFlagDefinitions(document(baseOf('app')), options);
    expect(first.evaluate('flag', alice).value).toBe(false);
    const compiled = flag.times();
    const second = compileInPlaceOf(first, document(baseOf('desktop')), options);
    expect(second.evaluate('flag', alice).value).toBe(false);
    expect(flag.times()).toBe(compiled);
    const third = compileInPlaceOf(second, document(baseOf('web')), options);
    expect(third.evaluate('flag', alice).value).toBe(true);
    expect(flag.times()).toBe(compiled + 1);
  });

  it('looks at a flag that is ours also where another with its key is for others', () => {
    const flag = counted('flag', onDependency);
    const foreign = { ...flagWith('base', {}), evaluation_contexts: ['app'] };
    const options = { evaluationContexts: ['web'] };
    const first = compileFlagDefinitions(
      documentOf([foreign, flagWith('base', {}), flag.flag]),
      options,
    );
    expect(first.evaluate('flag', alice).value).toBe(true);
    const changed = documentOf([foreign, flagWith('base', { rollout_percentage: 0 }), flag.flag]);
    const compiled = flag.times();
    expect(compileInPlaceOf(first, changed, options).evaluate('flag', alice).value).toBe(false);
    expect(flag.times()).toBe(compiled + 1);
  });

  it('bears a flag that refers to more than could be passed to a function', () => {
    const chain = Array.from({ length: 200_000 }, (_, index) => `none-${index % 5}`);
    const filter = { key: 'none-0', type: 'flag', value: true, dependency_chain: chain };
    const document = documentOf([
      flagWith('flag', onDependency),
      flagWith('base', { properties: [filter] }),
    ]);
    const next = refreshed(document, document);
    expect(next.evaluate('flag', alice).reason).toBe('unresolved_dependency');
  });

  it('tells a flag of other evaluation contexts, which is off, from one that is gone', () => {
    const dependent = flagWith('dependent', onDependency);
    const elsewhere = { ...flagWith('base', {}), evaluation_contexts: ['mobile'] };
    const options = { evaluationContexts: ['web'] };
    const previous = compileFlagDefinitions(documentOf([elsewhere, dependent]), options);
    expect(previous.evaluate('dependent', alice).value).toBe(false);
    const next = compileInPlaceOf(previous, documentOf([dependent]), options);
    expect(next.evaluate('dependent', alice).reason).toBe('unsupported_definition');
  });

  it('compiles a flag anew of which one filter in one condition refers to what changed', () => {
    const onlyBob = { properties: [{ key: 'distinct_id', value: 'bob' }] };
    const aliceInCohort = {
      properties: [{ key: 'distinct_id', value: 'alice' }, ...inCohort.properties],
    };
    const flag = flagWith('flag', onlyBob, aliceInCohort);
    const before = documentOf([flag], { cohorts: { 7: { type: 'AND', values: [] } } });
    expect(compileFlagDefinitions(before).evaluate('flag', alice).value).toBe(true);
    const next = refreshed(before, documentOf([flag]));
    expect(next.evaluate('flag', alice).reason).toBe('unsupported_definition');
  });

  it.each([
    ['compat', {}, { compat: 'posthog-node' as const }],
    ['how properties are compared', { property_matching_version: 2 }, {}],
    ['the types of groups', { group_type_mapping: { 0: 'company' } }, {}],
  ])('compiles all anew when the rules changed: %s', (_what, rest, options) => {
    const same = counted('same');
    const next = refreshed(documentOf([same.flag]), documentOf([same.flag], rest), options);
    const compiled = same.times();
    next.evaluate('same', alice);
    expect(same.times()).toBe(compiled + 1);
  });

  it('answers as one that takes no place, whatever changed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.infiniteStream(fc.nat({ max: 3 })), (a, b, choices) => {
        const before = generateCase(a);
        const after = mixed(before, generateCase(b), () => choices.next().value as number);
        const options = { now: () => before.now, revision: 9 };
        const previous = compileFlagDefinitions(before.definitions, options);
        for (const context of before.contexts) previous.evaluateAll(context).toJSON();
        const next = compileInPlaceOf(previous, after, options);
        const fresh = compileFlagDefinitions(after, options);
        for (const context of before.contexts) {
          expect([...next.evaluateAll(context)]).toEqual([...fresh.evaluateAll(context)]);
          for (const key of next.keys) {
            expect(next.explain(key, context)).toEqual(fresh.explain(key, context));
          }
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

/** The definitions of one case, in which some flags, cohorts and group types are of another. */
function mixed(
  { definitions }: FidelityCase,
  other: FidelityCase,
  choose: () => number,
): FlagDefinitionCacheData {
  const others = new Map(other.definitions.flags.map((flag) => [flag.key, flag]));
  const flags = definitions.flags.flatMap((flag) => {
    const choice = choose();
    if (choice === 0) return [];
    return [choice === 1 ? (others.get(flag.key) ?? flag) : flag];
  });
  const cohorts = Object.entries(definitions.cohorts ?? {}).map(([id, cohort]) => [
    id,
    choose() === 0 ? (other.definitions.cohorts?.[id] ?? cohort) : cohort,
  ]);
  return {
    ...definitions,
    flags,
    cohorts: Object.fromEntries(cohorts) as Record<string, CohortDefinition>,
    ...(choose() === 0 && { group_type_mapping: { 0: 'team' }, groupTypeMapping: { 0: 'team' } }),
  };
}
