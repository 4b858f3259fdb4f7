/**
 * Our evaluator beside the real posthog-node 5.70, over generated definitions and contexts:
 * value, payload, and why there is none. Longer runs: `npm run fidelity -- --evaluations 1000000`.
 */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inThread } from '../support/in-thread.js';
import { operatorsByKind } from './pools.js';
import type { RunOptions, RunReport } from './run.js';

const evaluations = Number(process.env['FIDELITY_EVALUATIONS'] ?? 100_000);
const seed = Number(process.env['FIDELITY_SEED'] ?? 1);
const isWholeRun = evaluations >= 100_000;

describe(`the answers of posthog-node to ${evaluations} generated evaluations`, () => {
  let report: RunReport;

  beforeAll(async () => {
    const maxMistakes = Number(process.env['FIDELITY_MISTAKES'] ?? 3);
    const options: Omit<RunOptions, 'compile'> = { evaluations, seed, maxMistakes };
    report = await inThread(new URL('run.ts', import.meta.url), 'runOurs', options);
    process.stdout.write(`${summaryOf(report)}\n`);
  }, 60_000 + evaluations);

  it('are ours with compat posthog-node, and ours by default but for the named deviations', () => {
    expect(report.mistakes.join('\n\n')).toBe('');
    expect(report.evaluations).toBeGreaterThanOrEqual(evaluations);
  });

  it('are ours with compat posthog-node save where an inherited name is taken for a key', () => {
    const { 'posthog-node': deviations } = report.deviations;
    expect(Object.keys(deviations).filter((name) => name !== 'D2')).toEqual([]);
  });

  it('came without a single request', () => {
    expect(report.requests).toEqual([]);
  });

  if (isWholeRun) {
    it('cover every deviation', () => {
      const names = Object.keys(report.deviations.default).flatMap((name) => name.split('+'));
      expect([...new Set(names)].sort()).toEqual(['D1', 'D2', 'D5']);
    });

    it('cover every answer in every shape of document', () => {
      const shapes = ['whole', 'unsupported', 'inherited-names'];
      const kinds = ['true', 'false', 'unresolved', 'variant', 'holdout'];
      const rare = shapes
        .flatMap((shape) => kinds.map((kind) => `${shape}: ${kind}`))
        .filter((name) => (report.answers.get(name) ?? 0) < 20);
      expect(rare).toEqual([]);
    });

    it.each(decidableOperators())('cover yes, no and unknown of %s', (operator) => {
      const counts = report.operators.get(operator) ?? { yes: 0, no: 0, unknown: 0 };
      // Of a property that is absent nothing is known: these two have one answer each.
      const never = { is_set: 'no', is_not_set: 'yes' }[operator];
      const expected = Object.keys(counts).filter((answer) => answer !== never);
      const seen = Object.entries(counts).filter(([, count]) => count > 20);
      expect(seen.map(([answer]) => answer)).toEqual(expected);
    });
  }
});

function decidableOperators(): string[] {
  return [...new Set(Object.values(operatorsByKind).flat())];
}

/** What a person wants to see of a run. */
function summaryOf({
  cases,
  evaluations: count,
  deviations,
  kinds,
  answers,
  mistakes,
}: RunReport): string {
  const counts = (numbers: Readonly<Record<string, number>>): string =>
    Object.entries(numbers)
      .sort(([left], [right]) => left.localeCompare(right))
      .map(([name, number]) => `${name} ${number}`)
      .join(', ') || 'none';
  return [
    `\nCompared with posthog-node: ${count} evaluations of ${cases} documents, from seed ${seed}.`,
    `  answers             ${counts(Object.fromEntries(answers))}`,
    `  compat posthog-node ${counts(deviations['posthog-node'])}`,
    `  default             ${counts(deviations.default)}`,
    ...Object.entries(kinds).map(([kind, numbers]) => `    ${kind}: ${counts(numbers)}`),
    `  unexplained         ${mistakes.length}`,
  ].join('\n');
}
