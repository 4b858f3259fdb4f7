/**
 * Holds our answers against the reference's, in both modes, and finds for each difference the
 * deviation that explains it. What no deviation explains is a mistake of ours.
 */
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import type { CompileOptions, FlagSnapshot } from '../../lib/core/evaluation/flag-snapshot.js';
import { answerOf, isSameAnswer, withoutFalsyPayload } from './answer.js';
import type { Answer } from './answer.js';
import { combinations, rewriteContext, rewriteDocument } from './deviations.js';
import type { DeviationName } from './deviations.js';
import type { PostHogOracle } from './oracle.js';

/** What is tested: something that compiles definitions. */
export type Compile = (
  definitions: FlagDefinitionCacheData,
  options: CompileOptions,
) => FlagSnapshot;

export type Mode = 'posthog-node' | 'default';

/** The deviations that a mode may show. */
export const allowedDeviations: Readonly<Record<Mode, readonly DeviationName[]>> = {
  'posthog-node': ['D2'],
  default: ['D1', 'D2', 'D5'],
};

export interface ComparedCase {
  readonly definitions: FlagDefinitionCacheData;
  readonly evaluationContexts: readonly string[] | undefined;
  readonly now: number;
  readonly contexts: readonly EvaluationContext[];
  readonly keys: readonly string[];
}

/** How both sides were asked: for one flag, or for many at once. */
type Asked = 'one' | 'many';

export interface Difference {
  readonly mode: Mode;
  readonly asked: Asked;
  readonly key: string;
  readonly context: EvaluationContext;
  readonly ours: Answer;
  readonly reference: Answer;
  /** The deviations that explain it together; undefined: none do. */
  readonly deviations: readonly DeviationName[] | undefined;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** The reference's answers to whole documents, for statistics. */
  readonly answers: readonly { readonly key: string; readonly answer: Answer }[];
}

/** Compares every key for every context. The first context is also asked flag by flag. */
export async function compareCase(
  compile: Compile,
  oracle: PostHogOracle,
  testCase: ComparedCase,
): Promise<Comparison> {
  const { definitions, evaluationContexts, now, contexts, keys } = testCase;
  const options = { now: () => now, ...(evaluationContexts && { evaluationContexts }) };
  const snapshots: readonly (readonly [Mode, FlagSnapshot])[] = [
    ['posthog-node', compile(definitions, { ...options, compat: 'posthog-node' })],
    ['default', compile(definitions, options)],
  ];
  await oracle.load(testCase);
  const found: Difference[] = [];
  const answers: { key: string; answer: Answer }[] = [];
  for (const [index, context] of contexts.entries()) {
    const many = await oracle.evaluateAll(context, keys);
    const one = index === 0 ? await askOneByOne(oracle, context, keys) : undefined;
    for (const [mode, snapshot] of snapshots) {
      found.push(...differencesOf(mode, snapshot, context, { many, one }));
    }
    answers.push(...Array.from(many, ([key, answer]) => ({ key, answer })));
  }
  return { differences: await explain(found, oracle, testCase), answers };
}

async function askOneByOne(
  oracle: PostHogOracle,
  context: EvaluationContext,
  keys: readonly string[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  for (const key of keys) answers.set(key, await oracle.evaluate(key, context));
  return answers;
}

interface References {
  readonly many: ReadonlyMap<string, Answer>;
  readonly one: ReadonlyMap<string, Answer> | undefined;
}

function differencesOf(
  mode: Mode,
  snapshot: FlagSnapshot,
  context: EvaluationContext,
  { many, one }: References,
): Difference[] {
  const differences: Difference[] = [];
  const all = snapshot.evaluateAll(context, [...many.keys()]);
  const note = (asked: Asked, key: string, ours: Answer, reference: Answer | undefined): void => {
    if (reference === undefined || isSame(asked, ours, reference)) return;
    differences.push({ mode, asked, key, context, ours, reference, deviations: undefined });
  };
  for (const [key, reference] of many) {
    const evaluation = all.get(key);
    note('many', key, evaluation ? answerOf(evaluation) : missing, reference);
    note('one', key, answerOf(snapshot.evaluate(key, context)), one?.get(key));
  }
  return differences;
}

const missing: Answer = {
  value: undefined,
  payload: undefined,
  unresolved: 'no evaluation at all',
};

function isSame(asked: Asked, ours: Answer, reference: Answer): boolean {
  if (asked === 'many') return isSameAnswer(withoutFalsyPayload(ours), reference);
  // Its getter for one flag gives no reason for having no answer.
  if (reference.unresolved === 'unnamed') return ours.value === undefined;
  return isSameAnswer(ours, reference);
}

/** Asks the reference again, with the deviations written out, the simplest first. */
async function explain(
  differences: readonly Difference[],
  oracle: PostHogOracle,
  testCase: ComparedCase,
): Promise<Difference[]> {
  const explained: Difference[] = [];
  let open = differences;
  for (const names of combinations(allowedDeviations.default)) {
    const candidates = open.filter(({ mode }) => isAllowed(mode, names));
    if (candidates.length === 0) continue;
    await oracle.load({ ...testCase, definitions: rewriteDocument(names, testCase.definitions) });
    for (const difference of candidates) {
      const context = rewriteContext(names, difference.context);
      const reference = await ask(oracle, difference, context);
      if (isSame(difference.asked, difference.ours, reference)) {
        explained.push({ ...difference, deviations: names });
        open = open.filter((other) => other !== difference);
      }
    }
  }
  return [...explained, ...open];
}

function isAllowed(mode: Mode, names: readonly DeviationName[]): boolean {
  return names.every((name) => allowedDeviations[mode].includes(name));
}

async function ask(
  oracle: PostHogOracle,
  { asked, key }: Difference,
  context: EvaluationContext,
): Promise<Answer> {
  if (asked === 'one') return oracle.evaluate(key, context);
  const answers = await oracle.evaluateAll(context, [key]);
  return answers.get(key) as Answer;
}
