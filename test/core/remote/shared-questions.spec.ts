/** F63: many who ask, few questions. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { RemoteAnswer } from '../../../lib/core/remote/remote-evaluator.js';
import { SharedQuestions } from '../../../lib/core/remote/shared-questions.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { ScriptedRemote, failure, flags } from '../../support/scripted-remote.js';

let clock: ManualClock;
let remote: ScriptedRemote;

beforeEach(() => {
  clock = new ManualClock();
  remote = new ScriptedRemote();
});

function questions(limits: { mostCalls?: number; longestWaitMs?: number } = {}): SharedQuestions {
  return new SharedQuestions({ remote, clock, random: () => 0.5, ...limits });
}

/** Answers that come when they are let. */
function held() {
  const open: (() => void)[] = [];
  remote.answer = () => {
    return new Promise<RemoteAnswer>((resolve) => open.push(() => resolve(flags({}))));
  };
  return { open, releaseAll: () => open.splice(0).forEach((release) => release()) };
}

const ada = { distinctId: 'ada' };

describe('questions about one person', () => {
  it('that are asked at one moment go in one call, each flag once', async () => {
    const all = questions();
    await Promise.all([all.ask(ada, ['b']), all.ask(ada, ['a', 'b']), all.ask({ ...ada }, ['c'])]);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([['a', 'b', 'c']]);
  });

  it('go in one call with those that follow before anything else happens', async () => {
    const all = questions();
    const later = async (turns: number) => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      return all.ask(ada, [`after-${turns}`]);
    };
    await Promise.all([later(0), later(1), later(9)]);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([['after-0', 'after-1', 'after-9']]);
  });

  it('go in one call for all flags, when one of them asks for all', async () => {
    const all = questions();
    await Promise.all([all.ask(ada, ['b']), all.ask(ada, undefined)]);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([undefined]);
  });

  it('wait for an answer that is on its way', async () => {
    const { open, releaseAll } = held();
    const all = questions();
    const first = all.ask(ada, ['a', 'b']);
    await clock.advance(0);
    const second = all.ask({ distinctId: 'ada', groups: {} }, ['b']);
    await clock.advance(0);
    expect(open).toHaveLength(1);
    releaseAll();
    expect(await second).toBe(await first);
  });

  it('are asked anew for a flag that was not asked for, and after the answer', async () => {
    const { releaseAll } = held();
    const all = questions();
    void all.ask(ada, ['a']);
    await clock.advance(0);
    void all.ask(ada, ['z']);
    await clock.advance(0);
    releaseAll();
    await clock.advance(0);
    void all.ask(ada, ['a']);
    await clock.advance(0);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([['a'], ['z'], ['a']]);
  });

  it('are apart for who differs in a property or a group', async () => {
    const all = questions();
    await Promise.all([
      all.ask(ada, ['a']),
      all.ask({ ...ada, personProperties: { plan: 'team' } }, ['a']),
      all.ask({ ...ada, personProperties: { joined: new Date(0) } }, ['a']),
      all.ask({ ...ada, personProperties: { joined: new Date(1) } }, ['a']),
      all.ask({ ...ada, groups: { company: 'x' } }, ['a']),
      all.ask({ ...ada, groups: { company: 'x' }, groupProperties: { company: { a: 1 } } }, ['a']),
    ]);
    expect(remote.questions).toHaveLength(6);
  });

  it('by a thousand who ask at once are one', async () => {
    const all = questions();
    const answers = Array.from({ length: 1_000 }, () => all.ask({ ...ada }, ['a']));
    await Promise.all(answers);
    expect(remote.questions).toHaveLength(1);
  });

  it('are not asked where the context cannot be sent, and nothing is thrown', async () => {
    const hostile = { distinctId: 'x', personProperties: { big: 1n } };
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const all = questions();
    for (const context of [hostile, { distinctId: 'x', personProperties: cycle }]) {
      expect(await all.ask(context, ['a'])).toMatchObject({
        failure: { code: 'invalid-question' },
      });
    }
    expect(remote.questions).toEqual([]);
  });
});

describe('questions about many persons', () => {
  it('are so many at a time, and the others wait for their turn', async () => {
    const { open, releaseAll } = held();
    const all = questions({ mostCalls: 3 });
    const answers = Array.from({ length: 8 }, (_, id) => all.ask({ distinctId: `${id}` }, ['a']));
    await clock.advance(0);
    expect(open).toHaveLength(3);
    for (let round = 0; round < 3; round += 1) {
      releaseAll();
      await clock.advance(0);
    }
    const ends = await Promise.all(answers);
    expect(ends.every(({ kind }) => kind === 'flags')).toBe(true);
  });

  it('do not wait for longer than they may', async () => {
    const { open, releaseAll } = held();
    const all = questions({ mostCalls: 1, longestWaitMs: 500 });
    const first = all.ask(ada, ['a']);
    const late = all.ask({ distinctId: 'bob' }, ['a']);
    await clock.advance(500);
    expect(await late).toMatchObject({ failure: { code: 'not-asked' } });
    releaseAll();
    expect((await first).kind).toBe('flags');
    const next = all.ask({ distinctId: 'eve' }, ['a']);
    await clock.advance(0);
    expect(open).toHaveLength(1);
    releaseAll();
    expect((await next).kind).toBe('flags');
  });
});

describe('a remote evaluator', () => {
  it('that fails is left alone for a while, then asked once', async () => {
    remote.answer = () => failure();
    const all = questions();
    for (let i = 0; i < 20; i += 1) await all.ask({ distinctId: `${i}` }, ['a']);
    expect(remote.questions).toHaveLength(5);
    expect(await all.ask(ada, ['a'])).toMatchObject({ failure: { code: 'not-asked' } });
    await clock.advance(2_000);
    remote.answer = () => flags({ a: true });
    expect(await all.ask(ada, ['a'])).toMatchObject({ kind: 'flags' });
    expect(all.breaker.state).toBe('closed');
  });

  it('whose quota is used up is left alone at once', async () => {
    remote.answer = () => failure('quota-exceeded');
    const all = questions();
    await all.ask(ada, ['a']);
    await all.ask(ada, ['a']);
    expect(remote.questions).toHaveLength(1);
  });

  it('that throws, against its contract, is one that failed, and its error is not repeated', async () => {
    remote.answer = () => {
      throw new Error('phc_key of ada@x.test');
    };
    const answer = await questions().ask(ada, ['a']);
    expect(answer).toMatchObject({ failure: { code: 'network' } });
    expect(JSON.stringify(answer)).not.toMatch(/phc_|ada@/);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'flags'],
    ['flags that are none', { kind: 'flags', flags: { a: true } }],
    ['a flag that is none', { kind: 'flags', flags: new Map([['a', null]]) }],
    ['a flag under the name of another', { kind: 'flags', flags: new Map([['a', { key: 'b', value: true }]]) }], // prettier-ignore
    ['a value that is none', { kind: 'flags', flags: new Map([['a', { key: 'a', value: 1 }]]) }],
    ['a failure that says nothing', { kind: 'failed' }],
    ['a failure in other words', { kind: 'failed', failure: { code: 7 } }],
    ['another kind', { kind: 'flag' }],
  ])('that answers %s, against its contract, is one that failed', async (_what, answer) => {
    remote.answer = () => answer as RemoteAnswer;
    expect(await questions().ask(ada, ['a'])).toMatchObject({
      kind: 'failed',
      failure: { code: 'network' },
    });
  });

  it('that never answers is given up, and its place is free again', async () => {
    remote.answer = () => new Promise(() => undefined);
    const all = questions({ mostCalls: 1 });
    const asked = all.ask(ada, ['a']);
    await clock.advance(65_000);
    expect(await asked).toMatchObject({ kind: 'failed' });
    remote.answer = () => flags({ a: true });
    expect(await all.ask({ distinctId: 'bob' }, ['a'])).toMatchObject({ kind: 'flags' });
  });

  it('is not asked by those who waited while it was found to fail', async () => {
    remote.answer = () => failure();
    const all = questions({ mostCalls: 1 });
    const asked = Array.from({ length: 20 }, (_, id) => all.ask({ distinctId: `${id}` }, ['a']));
    await Promise.all(asked);
    expect(remote.questions).toHaveLength(5);
  });

  it('is not asked any more at the end of the app, and what is under way is called off', async () => {
    held();
    const all = questions();
    void all.ask(ada, ['a']);
    await clock.advance(0);
    all.close();
    expect(remote.signals[0]?.aborted).toBe(true);
    expect(await all.ask({ distinctId: 'bob' }, ['a'])).toMatchObject({
      failure: { code: 'closed' },
    });
  });
});
