/** Which reads are recorded, what is recorded of them, and that recording can break nothing. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { FlagEvaluation } from '../../../lib/core/evaluation/flag-evaluation.js';
import { ExposureHandover } from '../../../lib/core/exposure/exposure-handover.js';
import { ExposureTally } from '../../../lib/core/exposure/exposure-tally.js';
import { Exposures } from '../../../lib/core/exposure/exposures.js';
import { AnswerNotes } from '../../../lib/core/remote/answer-facts.js';
import { EvaluationChain } from '../../../lib/core/remote/evaluation-chain.js';
import type { RemoteAnswer } from '../../../lib/core/remote/remote-evaluator.js';
import { SharedQuestions } from '../../../lib/core/remote/shared-questions.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { unloadedSnapshot } from '../../../lib/core/snapshot/unloaded-snapshot.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { CollectingSink } from '../../support/collecting-sink.js';
import { definitionsOf, off, on, unresolvable, variant } from '../../support/flag-definitions.js';
import { ScriptedRemote, failure, flags } from '../../support/scripted-remote.js';

const definitions = {
  ...definitionsOf(
    { ...on('on'), id: 7, version: 3, has_experiment: true },
    variant('blue', 'navy'),
    off('off'),
    unresolvable('open'),
  ),
  minimal_flag_called_events: true,
};
const snapshot = compileFlagDefinitions(definitions, { revision: 1 });
const ada: EvaluationContext = { distinctId: 'ada' };

let clock: ManualClock;
let sink: CollectingSink;
let store: SnapshotStore;
let notes: AnswerNotes;
let exposures: Exposures;

beforeEach(() => {
  clock = new ManualClock();
  sink = new CollectingSink(true);
  store = new SnapshotStore();
  notes = new AnswerNotes();
  const tally = new ExposureTally(10, () => undefined);
  const outlet = new ExposureHandover({ sink, clock, tally });
  exposures = new Exposures({ outlet, tally, store, notes, clock });
  store.swap(snapshot);
});

function read(key: string, context: EvaluationContext = ada): FlagEvaluation {
  return exposures.record(snapshot.evaluate(key, context), context, snapshot);
}

describe('a read', () => {
  it('is recorded once for each person, flag, value and groups', () => {
    const inAcme = { ...ada, groups: { company: 'acme' } };
    for (const context of [ada, ada, inAcme, inAcme, { distinctId: 'bo' }]) read('on', context);
    read('off');
    read('blue');
    expect(sink.exposures.map((e) => [e.key, e.value, e.distinctId, e.groups])).toEqual([
      ['on', true, 'ada', {}],
      ['on', true, 'ada', { company: 'acme' }],
      ['on', true, 'bo', {}],
      ['off', false, 'ada', {}],
      ['blue', 'navy', 'ada', {}],
    ]);
  });

  it('gives the evaluation back as it is', () => {
    expect(read('on')).toBe(snapshot.evaluate('on', ada));
  });

  it('of nobody, or of an override, is none', () => {
    read('on', { distinctId: '' });
    read('on', { distinctId: 7 } as never);
    exposures.record(snapshot.evaluate('on', ada), undefined, snapshot);
    const overridden = { ...snapshot.evaluate('on', ada), origin: 'override' as const };
    exposures.record(overridden, ada, snapshot);
    expect(sink.exposures).toEqual([]);
  });

  it('that finds no room leaves no mark: the next one is recorded', async () => {
    sink.onBatch = () => new Promise(() => undefined);
    for (let n = 0; n < 11; n += 1) read('on', { distinctId: `person-${n}` });
    expect(exposures.counts).toEqual({ pending: 10, sent: 0, dropped: 1, lost: 0 });
    await clock.advance(30_000);
    read('on', { distinctId: 'person-10' });
    expect(sink.exposures).toHaveLength(11);
  });

  it('that is longer than anything an app would write is dropped and counted', () => {
    read('on', { distinctId: 'x'.repeat(4_200) });
    read('on', { ...ada, groups: { company: 'x'.repeat(4_200) } });
    expect([sink.exposures, exposures.counts.dropped]).toEqual([[], 2]);
  });

  it('with a context that cannot be read breaks nothing', () => {
    const hostile = {
      distinctId: 'ada',
      get groups(): never {
        throw new Error('no');
      },
    };
    const evaluation = snapshot.evaluate('on', ada);
    expect(exposures.record(evaluation, hostile, snapshot)).toBe(evaluation);
    expect(exposures.record(evaluation, { ...ada, groups: null } as never, snapshot)).toBe(
      evaluation,
    );
    expect(sink.read).toEqual(['on=true']);
  });

  it('by the sink itself, while it is given the same, breaks nothing and is none', () => {
    sink.onBatch = () => void read('on');
    read('on');
    expect(sink.read).toEqual(['on=true']);
  });

  it('after the end of the app is none', async () => {
    await exposures.close(10);
    read('on');
    expect(sink.exposures).toEqual([]);
  });
});

describe('what is recorded of a flag that is decided here', () => {
  it('is what its definition says, and when that was loaded', async () => {
    await clock.advance(500);
    const groups = { company: 'acme' };
    read('on', { ...ada, groups, personProperties: { email: 'ada@x.test' } });
    groups.company = 'changed';
    expect(sink.exposures).toEqual([
      {
        key: 'on',
        value: true,
        distinctId: 'ada',
        groups: { company: 'acme' },
        origin: 'local',
        reason: 'condition_match',
        flagId: 7,
        flagVersion: 3,
        hasExperiment: true,
        minimalEvents: true,
        definitionsLoadedAt: clock.now() - 500,
        evaluatedAt: clock.now(),
        readAt: clock.now(),
        errors: [],
      },
    ]);
  });

  it('stands by the definitions it was evaluated with, though others were loaded since', async () => {
    const loadedAt = clock.now();
    await clock.advance(100);
    store.swap(compileFlagDefinitions(definitionsOf(on('on')), { revision: 2 }));
    read('on');
    expect(sink.exposures[0]).toMatchObject({ flagId: 7, definitionsLoadedAt: loadedAt });
  });
});

describe('an unresolved flag', () => {
  it('is recorded with why it has no value', () => {
    read('open');
    read('no-such-flag');
    exposures.record(unloadedSnapshot.evaluate('on', ada), ada, unloadedSnapshot);
    expect(sink.exposures.map(({ key, value, errors }) => [key, value, errors])).toEqual([
      ['open', undefined, ['local_evaluation_inconclusive']],
      ['no-such-flag', undefined, ['flag_missing']],
      ['on', undefined, ['local_evaluation_inconclusive']],
    ]);
    expect(sink.exposures[0]).toMatchObject({ flagId: undefined, evaluatedAt: undefined });
  });
});

describe('a flag that the server was asked for', () => {
  async function asked(answer: RemoteAnswer): Promise<void> {
    const remote = new ScriptedRemote();
    remote.answer = () => answer;
    const chain = new EvaluationChain({
      questions: new SharedQuestions({ remote, clock, random: () => 0.5 }),
      lastKnown: undefined,
      clock,
      digestOf: () => undefined,
      onAnswered: () => undefined,
      notes,
    });
    const evaluation = chain.resolve(snapshot.evaluate('open', ada), ada);
    await exposures.recorded(evaluation, ada, snapshot);
  }

  it('is recorded with what the server has said of it', async () => {
    const facts = { id: 9, version: 4, hasExperiment: false, reasonText: 'Matched condition 1' };
    const flag = { key: 'open', value: 'navy', payload: 1, reason: 'condition_match', conditionIndex: 0, ...facts } as const; // prettier-ignore
    await asked({
      kind: 'flags',
      flags: new Map([['open', flag]]),
      isComplete: false,
      requestId: 'r1',
      evaluatedAt: 1_700_000_000_000,
      minimalEvents: false,
    });
    expect(sink.exposures).toEqual([
      {
        key: 'open',
        value: 'navy',
        distinctId: 'ada',
        groups: {},
        origin: 'remote',
        reason: 'condition_match',
        reasonText: 'Matched condition 1',
        flagId: 9,
        flagVersion: 4,
        hasExperiment: false,
        // Of this very answer, not of the definitions.
        minimalEvents: false,
        requestId: 'r1',
        evaluatedAt: 1_700_000_000_000,
        readAt: clock.now(),
        errors: ['errors_while_computing_flags'],
      },
    ]);
  });

  it.each([
    ['does not exist', flags({}), ['flag_missing']],
    ['could not be computed', flags({}, false), ['errors_while_computing_flags', 'flag_missing']],
    ['is not paid for', failure('quota-exceeded'), ['quota_limited']],
    ['was waited for in vain', failure('timeout'), ['timeout']],
    ['could not be reached', failure('network'), ['connection_error']],
    ['met with a status', failure('server-error', { status: 503 }), ['api_error_503']],
    ['got no answer that is one', failure('invalid-answer'), ['unknown_error']],
  ])('and %s is recorded without a value, with what went wrong', async (_what, answer, errors) => {
    await asked(answer);
    expect(sink.exposures).toMatchObject([{ key: 'open', value: undefined, errors }]);
  });
});
