/** From an evaluation, and what is known around it, to an exposure. */
import type { FlagDefinition } from '../definitions/flag-definitions.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';
import type { FlagEvaluation } from '../evaluation/flag-evaluation.js';
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import type { AnswerFacts, ExposureError } from '../remote/answer-facts.js';
import type { Exposure } from './exposure.js';

export interface ExposureFacts {
  readonly evaluation: FlagEvaluation;
  readonly context: EvaluationContext;
  /** What it was evaluated with. */
  readonly snapshot: FlagSnapshot;
  /** When this instance took that over. */
  readonly loadedAt: number | undefined;
  /** What was noted of the answer; undefined where nobody was asked. */
  readonly noted: AnswerFacts | undefined;
  readonly nowAt: number;
}

export function exposureOf(facts: ExposureFacts): Exposure {
  const { evaluation, context, nowAt: readAt } = facts;
  const { key, value, origin, reason } = evaluation;
  const { distinctId, groups } = context;
  return Object.freeze({
    key,
    value,
    distinctId,
    groups: copyOf(groups ?? noGroups),
    origin,
    reason,
    readAt,
    errors: errorsOf(facts),
    ...decidedBy(facts),
  });
}

const noGroups: Exposure['groups'] = Object.freeze({});

/** The app may use its object again, and may not be written in TypeScript. */
function copyOf(groups: Exposure['groups']): Exposure['groups'] {
  const types = Object.keys(groups);
  if (types.length === 0) return noGroups;
  return Object.freeze(Object.fromEntries(types.map((type) => [type, String(groups[type])])));
}

type Decided = Omit<
  Exposure,
  'key' | 'value' | 'distinctId' | 'groups' | 'origin' | 'reason' | 'readAt' | 'errors'
>;

const nothing: Decided = {
  reasonText: undefined,
  flagId: undefined,
  flagVersion: undefined,
  hasExperiment: undefined,
  minimalEvents: undefined,
  definitionsLoadedAt: undefined,
  requestId: undefined,
  evaluatedAt: undefined,
};

function decidedBy(facts: ExposureFacts): Decided {
  const { evaluation, noted } = facts;
  const { origin, value } = evaluation;
  // Also of a flag that the server does not have: that is what it has said.
  if (origin === 'remote' || (value === undefined && noted !== undefined)) return ofAnswer(noted);
  if (value === undefined) return nothing;
  return origin === 'local' ? ofDefinitions(facts) : ofKnownAnswer(facts);
}

function ofAnswer(noted: AnswerFacts | undefined): Decided {
  return {
    ...nothing,
    reasonText: noted?.reasonText,
    flagId: noted?.id,
    flagVersion: noted?.version,
    hasExperiment: noted?.hasExperiment,
    minimalEvents: noted?.minimalEvents,
    requestId: noted?.requestId,
    evaluatedAt: noted?.evaluatedAt,
  };
}

function ofDefinitions({ evaluation: { key }, snapshot, loadedAt, nowAt }: ExposureFacts): Decided {
  const { minimal_flag_called_events: snake, minimalFlagCalledEvents: camel } =
    snapshot.definitions;
  const minimal: unknown = snake ?? camel;
  return {
    ...nothing,
    ...factsIn(snapshot.definition(key)),
    minimalEvents: typeof minimal === 'boolean' ? minimal : undefined,
    definitionsLoadedAt: loadedAt,
    evaluatedAt: nowAt,
  };
}

/** Which flag it is the definitions know; under which version it was answered nobody does. */
function ofKnownAnswer({ evaluation: { key, ageMs }, snapshot, nowAt }: ExposureFacts): Decided {
  const { flagId, hasExperiment } = factsIn(snapshot.definition(key));
  const evaluatedAt = ageMs === undefined ? undefined : nowAt - ageMs;
  return { ...nothing, flagId, hasExperiment, evaluatedAt };
}

/** The document is somebody's: nothing about it is certain. */
function factsIn(definition: FlagDefinition | undefined) {
  const { id, version, has_experiment: hasExperiment } = definition ?? {};
  return {
    flagId: typeof id === 'number' ? id : undefined,
    flagVersion: typeof version === 'number' ? version : undefined,
    hasExperiment: typeof hasExperiment === 'boolean' ? hasExperiment : undefined,
  };
}

const none: readonly ExposureError[] = Object.freeze([]);
const missing: readonly ExposureError[] = Object.freeze(['flag_missing']);
const inconclusive: readonly ExposureError[] = Object.freeze(['local_evaluation_inconclusive']);

function errorsOf({ evaluation: { value, reason }, noted }: ExposureFacts): typeof none {
  if (noted !== undefined) return noted.errors;
  if (value !== undefined) return none;
  return reason === 'unknown_flag' ? missing : inconclusive;
}
