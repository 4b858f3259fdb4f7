/**
 * What comes after the local evaluation: the remote evaluator for what it could not decide, then
 * the last known answers, and at the end what is unresolved stays unresolved. A decided local
 * value is never asked about, and never replaced. Nothing here rejects.
 */
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';
import type { Clock } from '../time/clock.js';
import { heldOpen } from '../time/deadline.js';
import { errorsOf, factsOf, type AnswerFacts, type AnswerNotes } from './answer-facts.js';
import type { KnownAnswer } from './fallback-cache.js';
import type { LastKnown } from './last-known.js';
import { personDigest } from './person-digest.js';
import type { RemoteAnswer, RemoteFlag } from './remote-evaluator.js';
import type { SharedQuestions } from './shared-questions.js';

export interface EvaluationChainParts {
  /** Undefined: nobody is asked, but what is known from before is served. */
  readonly questions: SharedQuestions | undefined;
  readonly lastKnown: LastKnown | undefined;
  readonly clock: Clock;
  /** Digest of the definitions of this revision; undefined where they are not at hand any more. */
  readonly digestOf: (revision: number) => string | undefined;
  /** A flag that servers are never told: who asks as a server is not answered. @default none */
  readonly isForClients?: (key: string) => boolean;
  /** Told how each question ended. */
  readonly onAnswered: (answer: RemoteAnswer) => void;
  /** Where facts about answers are noted; undefined: nobody reads them. */
  readonly notes?: AnswerNotes | undefined;
}

interface Resolution {
  readonly resolved: ReadonlyMap<string, FlagEvaluation>;
  /** Undefined: nobody was asked. */
  readonly answer: RemoteAnswer | undefined;
}

export class EvaluationChain {
  constructor(private readonly parts: EvaluationChainParts) {}

  /** Whether anything comes after the local evaluation of this flag. */
  goesOn({ key, value, reason, origin }: FlagEvaluation): boolean {
    const { questions, lastKnown, isForClients } = this.parts;
    // One that is overridden to be away is away for the server too.
    if (value !== undefined || origin === 'override') return false;
    if (reason === 'missing_distinct_id' || isForClients?.(key)) return false;
    return questions !== undefined || lastKnown !== undefined;
  }

  /** Asks nobody any more, and calls off what is under way. */
  async close(): Promise<void> {
    const { questions, lastKnown } = this.parts;
    questions?.close();
    await lastKnown?.close();
  }

  /** The same evaluation where nothing more is known. */
  async resolve(local: FlagEvaluation, context: EvaluationContext): Promise<FlagEvaluation> {
    if (!this.goesOn(local)) return local;
    return (await this.resolveEach([local], context)).get(local.key) ?? local;
  }

  /** The same of some flags of one person, in one question: each of them, resolved or not. */
  async resolveEach(
    unresolved: readonly FlagEvaluation[],
    context: EvaluationContext,
  ): Promise<ReadonlyMap<string, FlagEvaluation>> {
    const { resolved, answer } = await this.settle(unresolved, context, false);
    return new Map(
      unresolved.map((local) => {
        return [local.key, resolved.get(local.key) ?? this.unresolved(local, answer)];
      }),
    );
  }

  /**
   * Of some flags of one person those that could be resolved after all.
   * @param all whether these are all flags that are unresolved, and the server may know others
   */
  async resolveAll(
    unresolved: readonly FlagEvaluation[],
    context: EvaluationContext,
    all = false,
  ): Promise<ReadonlyMap<string, FlagEvaluation>> {
    return (await this.settle(unresolved, context, all)).resolved;
  }

  private settle(
    unresolved: readonly FlagEvaluation[],
    context: EvaluationContext,
    all: boolean,
  ): Promise<Resolution> {
    return heldOpen(this.parts.clock, () => this.settleNow(unresolved, context, all));
  }

  private async settleNow(
    unresolved: readonly FlagEvaluation[],
    context: EvaluationContext,
    all: boolean,
  ): Promise<Resolution> {
    const revision = revisionOf(unresolved);
    const memory = this.memoryOf(context, revision);
    const resolved = new Map<string, FlagEvaluation>();
    let open = unresolved;
    const take = (found: Iterable<FlagEvaluation>): void => {
      for (const evaluation of found) resolved.set(evaluation.key, evaluation);
      open = open.filter(({ key }) => !resolved.has(key));
    };
    if (memory?.settings.serveFresh) take(await memory.recall(open, memory.settings.ttlMs));
    if (open.length === 0 && !all) return { resolved, answer: undefined };
    const keys = all ? undefined : open.map(({ key }) => key);
    const answer = await this.parts.questions?.ask(context, keys, revision);
    if (answer !== undefined) this.parts.onAnswered(answer);
    if (answer?.kind === 'flags') {
      const given = [...answer.flags.values()];
      // A server of the earlier form answers for all flags, whatever it was asked for.
      const wanted = given.filter(({ key }) => all || isIn(open, key));
      take(wanted.map((flag) => this.evaluated(flag, answer, revision)));
      void memory?.keep(given);
      if (answer.isComplete) return { resolved, answer };
    }
    // Who is told that the quota is used up is not to go on as if it were not.
    if (answer?.kind === 'failed' && answer.failure.code === 'quota-exceeded') {
      void this.parts.lastKnown?.clear();
      return { resolved, answer };
    }
    if (memory !== undefined) {
      const recalled = await memory.recall(open, memory.settings.staleTtlMs);
      const facts = answer && { errors: errorsOf(answer) };
      take(recalled.map((evaluation) => this.noted(evaluation, facts)));
    }
    return { resolved, answer };
  }

  private evaluated(
    flag: RemoteFlag,
    answer: RemoteAnswer,
    revision: number | undefined,
  ): FlagEvaluation {
    const evaluation = evaluationOf(flag, { origin: 'remote', revision, ageMs: 0 });
    return this.noted(evaluation, factsOf(answer, flag));
  }

  /** Unresolved outcomes are shared by all who meet with them: what is noted stands by a copy. */
  private unresolved(local: FlagEvaluation, answer: RemoteAnswer | undefined): FlagEvaluation {
    if (this.parts.notes === undefined || answer === undefined) return local;
    return this.noted(Object.freeze({ ...local }), factsOf(answer));
  }

  private noted(evaluation: FlagEvaluation, facts: AnswerFacts | undefined): FlagEvaluation {
    if (facts !== undefined) this.parts.notes?.write(evaluation, facts);
    return evaluation;
  }

  /** What is known of this person under these definitions; undefined where that cannot be told. */
  private memoryOf(context: EvaluationContext, revision: number | undefined) {
    const { lastKnown, clock, digestOf } = this.parts;
    const person = lastKnown && personDigest(context);
    const digest = lastKnown && revision !== undefined ? digestOf(revision) : undefined;
    const isOvertaken = revision !== undefined && digest === undefined;
    if (lastKnown === undefined || person === undefined || isOvertaken) return undefined;
    return {
      settings: lastKnown.settings,
      async recall(open: readonly FlagEvaluation[], oldestMs: number): Promise<FlagEvaluation[]> {
        if (open.length === 0) return [];
        const keys = open.map(({ key }) => key);
        const found = await lastKnown.read(keys, { person, digest, oldestMs });
        return [...found.values()].map((answer) => {
          const ageMs = Math.max(0, clock.now() - answer.answeredAt);
          return evaluationOf(answer, { origin: 'fallback-cache', revision, ageMs });
        });
      },
      keep(flags: readonly RemoteFlag[]): Promise<void> {
        const answeredAt = clock.now();
        const answers = flags.map(({ key, value, payload, reason, conditionIndex }) => {
          return { key, value, payload, reason, conditionIndex, digest, answeredAt };
        });
        return lastKnown.write(person, answers);
      },
    };
  }
}

function isIn(evaluations: readonly FlagEvaluation[], wanted: string): boolean {
  return evaluations.some(({ key }) => key === wanted);
}

/** All come from one snapshot. Before the first load there are no definitions, and no revision. */
function revisionOf([first]: readonly FlagEvaluation[]): number | undefined {
  return first === undefined || first.reason === 'not_ready' ? undefined : first.revision;
}

function evaluationOf(
  { key, value, payload, reason, conditionIndex }: RemoteFlag | KnownAnswer,
  facts: Pick<FlagEvaluation, 'origin' | 'revision' | 'ageMs'>,
): FlagEvaluation {
  return Object.freeze({
    key,
    value,
    enabled: value !== false,
    variant: typeof value === 'string' ? value : undefined,
    payload,
    reason,
    conditionIndex,
    ...facts,
  });
}
