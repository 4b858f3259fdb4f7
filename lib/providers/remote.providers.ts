/** What comes after the local evaluation, put together. */
import type { Provider } from '@nestjs/common';
import { DefinitionDigests } from '../core/remote/definition-digests.js';
import type { AnswerNotes } from '../core/remote/answer-facts.js';
import { EvaluationChain } from '../core/remote/evaluation-chain.js';
import { LastKnown } from '../core/remote/last-known.js';
import { SharedQuestions } from '../core/remote/shared-questions.js';
import { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import type { Clock } from '../core/time/clock.js';
import type { ResolvedOptions } from '../options/feature-flags.resolved-options.js';
import { ANSWER_NOTES, CLOCK, RESOLVED_OPTIONS } from '../feature-flags.tokens.js';
import { made } from './made-provider.js';
import { RemoteLog } from '../log/remote.log.js';
import { safeLogger } from '../log/safe-logger.js';

export const remoteProviders: Provider[] = [
  made(RemoteLog, [RESOLVED_OPTIONS, CLOCK], ({ logger }: ResolvedOptions, clock: Clock) => {
    return new RemoteLog(safeLogger(logger), clock);
  }),
  {
    provide: EvaluationChain,
    inject: [RESOLVED_OPTIONS, CLOCK, RemoteLog, SnapshotStore, ANSWER_NOTES],
    useFactory: chainOf,
  },
];

async function chainOf(
  options: ResolvedOptions,
  clock: Clock,
  log: RemoteLog,
  store: SnapshotStore,
  notes: AnswerNotes | undefined,
): Promise<EvaluationChain> {
  const { remote, source } = options;
  const { random } = Math;
  if (remote !== undefined) log.remoteOpened(remote, source);
  const questions = remote && new SharedQuestions({ remote, clock, random });
  const lastKnown = await lastKnownOf(options, clock, log);
  const digests = new DefinitionDigests(store);
  return new EvaluationChain({
    questions,
    lastKnown,
    clock,
    digestOf: (revision) => digests.of(revision),
    isForClients: (key) => store.current?.definition(key)?.evaluation_runtime === 'client',
    onAnswered: (answer) => log.answered(answer),
    notes,
  });
}

async function lastKnownOf(
  { fallbackCache, source: { identity }, refresh: { cacheTimeoutMs: timeoutMs } }: ResolvedOptions,
  clock: Clock,
  log: RemoteLog,
): Promise<LastKnown | undefined> {
  if (fallbackCache === undefined) return undefined;
  const cache = await fallbackCache.open({ identity, commandTimeoutMs: timeoutMs, clock });
  const { description } = cache;
  log.fallbackOpened(description, fallbackCache.settings);
  const onTrouble = log.fallbackTroubled.bind(log, description);
  return new LastKnown({ cache, settings: fallbackCache.settings, clock, timeoutMs, onTrouble });
}
