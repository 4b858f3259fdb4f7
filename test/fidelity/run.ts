/**
 * The comparison over many generated cases: counts, and for the first mistakes a report with
 * the smallest case that still shows it.
 */
import { inspect } from 'node:util';
import { compileFlagDefinitions } from '../../lib/evaluation.js';
import { compareCase } from './compare.js';
import type { Compile, Difference, Mode } from './compare.js';
import { generateCase } from './generate-case.js';
import type { CaseShape, FidelityCase } from './generate-case.js';
import { PostHogOracle } from './oracle.js';
import { shrink } from './shrink.js';

export interface RunOptions {
  readonly compile: Compile;
  /** How many flags the reference must have evaluated before the run ends. */
  readonly evaluations: number;
  /** Seed of the first case; the others follow. */
  readonly seed: number;
  /** Stops at this many mistakes. @default 3 */
  readonly maxMistakes?: number;
  /** How much effort goes into making a mistake small, in attempts. @default 2000 */
  readonly shrinkTries?: number;
}

export interface RunReport {
  readonly cases: number;
  /** Flags that the reference evaluated, the questions for explanations not counted. */
  readonly evaluations: number;
  /** Differences by mode and by the deviations that explain them, e.g. `D1+D5`. */
  readonly deviations: Readonly<Record<Mode, Readonly<Record<string, number>>>>;
  /** The same of the default mode by what they come to, e.g. `decided here only`, and by deviation. */
  readonly kinds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Differences that nothing explains, as texts to read. */
  readonly mistakes: readonly string[];
  /** The reference's answers by kind of case and of answer. */
  readonly answers: ReadonlyMap<string, number>;
  /** The reference's answers to single filters, by operator. */
  readonly operators: ReadonlyMap<string, OperatorAnswers>;
  /** What the reference asked of a server. */
  readonly requests: readonly string[];
}

export interface OperatorAnswers {
  readonly yes: number;
  readonly no: number;
  readonly unknown: number;
}

export async function runFidelity(options: RunOptions): Promise<RunReport> {
  const { compile, evaluations, seed, maxMistakes = 3, shrinkTries = 2_000 } = options;
  const oracle = new PostHogOracle();
  const deviations: Record<Mode, Record<string, number>> = { 'posthog-node': {}, default: {} };
  const kinds: Record<string, Record<string, number>> = {};
  const mistakes: string[] = [];
  const tally = new Tally();
  let index = 0;
  try {
    for (; tally.evaluations < evaluations && mistakes.length < maxMistakes; index += 1) {
      const testCase = generateCase(seed + index);
      const { differences, answers } = await compareCase(compile, oracle, testCase);
      for (const { key, answer } of answers) tally.add(testCase, key, answer.value);
      for (const difference of differences) {
        const name = difference.deviations?.join('+');
        if (name === undefined) continue;
        count(deviations[difference.mode], name);
        if (difference.mode === 'default')
          count((kinds[kindOfDifference(difference)] ??= {}), name);
      }
      const mistake = differences.find((difference) => difference.deviations === undefined);
      if (mistake)
        mistakes.push(await describeMistake(mistake, testCase, { compile, oracle, shrinkTries }));
    }
  } finally {
    await oracle.close();
  }
  const { answers, operators } = tally;
  const { requests } = oracle;
  const counted = tally.evaluations;
  return {
    cases: index,
    evaluations: counted,
    deviations,
    kinds,
    mistakes,
    answers,
    operators,
    requests,
  };
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function kindOfDifference({ ours, reference }: Difference): string {
  if (ours.value === reference.value) return 'the same, save payload or reason';
  if (reference.value === undefined) return 'decided here only';
  return ours.value === undefined ? 'decided there only' : 'decided otherwise';
}

/** The comparison of the evaluator as it is. */
export function runOurs(options: Omit<RunOptions, 'compile'>): Promise<RunReport> {
  return runFidelity({ compile: compileFlagDefinitions, ...options });
}

class Tally {
  evaluations = 0;
  readonly answers = new Map<string, number>();
  readonly operators = new Map<string, { yes: number; no: number; unknown: number }>();

  add(
    { shape, definitions }: FidelityCase,
    key: string,
    value: boolean | string | undefined,
  ): void {
    this.evaluations += 1;
    const name = `${shape}: ${kindOf(value)}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
    if (shape !== ('probe' satisfies CaseShape)) return;
    const flag = definitions.flags.find((candidate) => candidate.key === key);
    const filter = flag?.filters?.groups?.[0]?.properties?.[0];
    if (filter === undefined) return;
    const operator = String(filter.operator ?? 'exact');
    const counts = this.operators.get(operator) ?? { yes: 0, no: 0, unknown: 0 };
    counts[value === undefined ? 'unknown' : value ? 'yes' : 'no'] += 1;
    this.operators.set(operator, counts);
  }
}

function kindOf(value: boolean | string | undefined): string {
  if (value === undefined) return 'unresolved';
  if (typeof value === 'boolean') return String(value);
  return value.startsWith('holdout-') ? 'holdout' : 'variant';
}

interface Describing {
  readonly compile: Compile;
  readonly oracle: PostHogOracle;
  readonly shrinkTries: number;
}

async function describeMistake(
  mistake: Difference,
  testCase: FidelityCase,
  { compile, oracle, shrinkTries }: Describing,
): Promise<string> {
  const { mode, asked, key } = mistake;
  const mistakeIn = async (
    candidate: Pick<Difference, 'context'> & Pick<FidelityCase, 'definitions'>,
  ) => {
    const small = {
      ...testCase,
      definitions: candidate.definitions,
      contexts: [candidate.context],
      keys: [key],
    };
    const { differences } = await compareCase(compile, oracle, small);
    return differences.find(
      (found) => found.mode === mode && found.asked === asked && found.deviations === undefined,
    );
  };
  const { definitions, context } = await shrink(
    { definitions: testCase.definitions, context: mistake.context },
    async (candidate) => {
      try {
        return (await mistakeIn(candidate)) !== undefined;
      } catch {
        return false; // no longer a document that either side takes
      }
    },
    shrinkTries,
  );
  const smallest = (await mistakeIn({ definitions, context })) ?? mistake;
  return [
    `Mode ${mode}, flag ${JSON.stringify(key)} (asked for ${asked}), seed ${testCase.seed} (${testCase.shape}).`,
    `Again: npm run fidelity -- --seed ${testCase.seed} --evaluations 1`,
    `  definitions: ${JSON.stringify(definitions)}`,
    `  context:     ${show(context)}`,
    `  moment:      ${new Date(testCase.now).toISOString()}, evaluation contexts: ${show(testCase.evaluationContexts)}`,
    `  ours:        ${show(smallest.ours)}`,
    `  posthog:     ${show(smallest.reference)}`,
  ].join('\n');
}

function show(value: unknown): string {
  return inspect(value, { depth: Number.POSITIVE_INFINITY, breakLength: Number.POSITIVE_INFINITY });
}
