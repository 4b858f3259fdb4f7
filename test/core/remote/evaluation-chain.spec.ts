/** Local, then remote, then the last known answer: who is asked when, and what stands. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryFallbackCache } from '../../../lib/caches/fallback/memory-fallback-cache.js';
import { compileFlagDefinitions } from '../../../lib/core/evaluation/compile-flag-definitions.js';
import type { FlagEvaluation } from '../../../lib/core/evaluation/flag-evaluation.js';
import { EvaluationChain } from '../../../lib/core/remote/evaluation-chain.js';
import type { FallbackCache, FallbackSettings } from '../../../lib/core/remote/fallback-cache.js';
import { LastKnown, type FallbackTrouble } from '../../../lib/core/remote/last-known.js';
import { personDigest } from '../../../lib/core/remote/person-digest.js';
import type { RemoteAnswer } from '../../../lib/core/remote/remote-evaluator.js';
import { SharedQuestions } from '../../../lib/core/remote/shared-questions.js';
import { unloadedSnapshot } from '../../../lib/core/snapshot/unloaded-snapshot.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { ScriptedRemote, failure, flags } from '../../support/scripted-remote.js';

const ada = { distinctId: 'ada' };
const settings: FallbackSettings = { ttlMs: 300_000, staleTtlMs: 3_600_000, serveFresh: false };
const condition = {
  properties: [{ key: 'plan', value: 'team', operator: 'exact', type: 'person' }],
};
const snapshotAt = (revision: number) =>
  compileFlagDefinitions(
    { flags: [{ key: 'needs-plan', active: true, filters: { groups: [condition] } }] },
    { revision },
  );

let clock: ManualClock;
let remote: ScriptedRemote;
let troubles: FallbackTrouble[];
let answers: RemoteAnswer[];

beforeEach(() => {
  clock = new ManualClock();
  remote = new ScriptedRemote();
  troubles = [];
  answers = [];
});

function chain(
  cache: FallbackCache | undefined = new MemoryFallbackCache(10),
  used: Partial<FallbackSettings> = {},
): EvaluationChain {
  const onTrouble = (trouble: FallbackTrouble) => troubles.push(trouble);
  const own = { settings: { ...settings, ...used }, clock, timeoutMs: 100, onTrouble };
  return new EvaluationChain({
    questions: new SharedQuestions({ remote, clock, random: () => 0.5 }),
    lastKnown: cache && new LastKnown({ cache, ...own }),
    clock,
    digestOf: (revision) => `digest-${revision}`,
    isForClients: (key) => key === 'for-clients',
    onAnswered: (answer) => answers.push(answer),
  });
}

function local(key: string, revision = 1): FlagEvaluation {
  return snapshotAt(revision).evaluate(key, ada);
}

describe('a flag that is decided here', () => {
  it('is asked about nowhere', async () => {
    const decided = snapshotAt(1).evaluate('needs-plan', {
      ...ada,
      personProperties: { plan: 'team' },
    });
    expect(await chain().resolve(decided, ada)).toBe(decided);
    expect(remote.questions).toEqual([]);
  });

  it('and one that servers are never told is asked about nowhere', async () => {
    const unresolved = local('for-clients');
    expect(await chain().resolve(unresolved, ada)).toBe(unresolved);
    expect(remote.questions).toEqual([]);
  });

  it('that nobody is named for is asked about nowhere', async () => {
    const nobody = { distinctId: '' };
    const unresolved = snapshotAt(1).evaluate('needs-plan', nobody);
    expect(await chain().resolve(unresolved, nobody)).toBe(unresolved);
    expect(remote.questions).toEqual([]);
  });
});

describe('a flag that is not', () => {
  it('is decided remotely, and says so', async () => {
    remote.answer = () => flags({ 'needs-plan': 'blue' });
    expect(await chain().resolve(local('needs-plan'), ada)).toEqual({
      key: 'needs-plan',
      value: 'blue',
      enabled: true,
      variant: 'blue',
      payload: undefined,
      reason: 'condition_match',
      conditionIndex: 0,
      origin: 'remote',
      revision: 1,
      ageMs: 0,
    });
  });

  it('and that the server does not know stays unresolved', async () => {
    const unresolved = local('no-such-flag');
    expect(await chain().resolve(unresolved, ada)).toBe(unresolved);
    expect(remote.questions).toHaveLength(1);
  });

  it('is the last known answer when the server fails, with its age', async () => {
    const links = chain();
    remote.answer = () => flags({ 'needs-plan': true });
    await links.resolve(local('needs-plan'), ada);
    await clock.advance(60_000);
    remote.answer = () => failure();
    expect(await links.resolve(local('needs-plan'), ada)).toMatchObject({
      value: true,
      origin: 'fallback-cache',
      reason: 'condition_match',
      ageMs: 60_000,
    });
  });

  it('is the last known answer when the server could not compute it', async () => {
    const links = chain();
    remote.answer = () => flags({ 'needs-plan': true });
    await links.resolve(local('needs-plan'), ada);
    remote.answer = () => flags({}, false);
    expect((await links.resolve(local('needs-plan'), ada)).origin).toBe('fallback-cache');
    remote.answer = () => flags({});
    expect((await links.resolve(local('needs-plan'), ada)).value).toBeUndefined();
  });
});

describe('a last known answer', () => {
  async function knownThenFailing(
    links: EvaluationChain,
    then: { passMs?: number; revision?: number; context?: typeof ada & object } = {},
  ): Promise<FlagEvaluation> {
    remote.answer = () => flags({ 'needs-plan': true });
    await links.resolve(local('needs-plan', 1), ada);
    await clock.advance(then.passMs ?? 1);
    remote.answer = () => failure();
    return links.resolve(local('needs-plan', then.revision ?? 1), then.context ?? ada);
  }

  it('is served up to its stale time to live, and no longer', async () => {
    expect((await knownThenFailing(chain(), { passMs: 3_600_000 })).value).toBe(true);
    expect((await knownThenFailing(chain(), { passMs: 3_600_001 })).value).toBeUndefined();
  });

  it('F65: does not outlive a change of the definitions', async () => {
    expect((await knownThenFailing(chain(), { revision: 2 })).value).toBeUndefined();
  });

  it('is served to a process that has no definitions to compare', async () => {
    const links = chain();
    await knownThenFailing(links);
    const unloaded = unloadedSnapshot.evaluate('needs-plan', ada);
    expect(await links.resolve(unloaded, ada)).toMatchObject({ value: true });
  });

  it('is not served to another person, nor to the same in another group', async () => {
    const context = { ...ada, groups: { company: 'b' } };
    expect((await knownThenFailing(chain(), { context })).value).toBeUndefined();
  });

  it('saves no question, unless it is asked to', async () => {
    remote.answer = () => flags({ 'needs-plan': true });
    const usual = chain();
    await usual.resolve(local('needs-plan'), ada);
    await usual.resolve(local('needs-plan'), ada);
    expect(remote.questions).toHaveLength(2);
    const thrifty = chain(new MemoryFallbackCache(10), { serveFresh: true });
    await thrifty.resolve(local('needs-plan'), ada);
    const again = await thrifty.resolve(local('needs-plan'), ada);
    expect(remote.questions).toHaveLength(3);
    expect(again.origin).toBe('fallback-cache');
    await clock.advance(300_001);
    await thrifty.resolve(local('needs-plan'), ada);
    expect(remote.questions).toHaveLength(4);
  });

  it('is forgotten when the quota is used up', async () => {
    const links = chain();
    await knownThenFailing(links);
    remote.answer = () => failure('quota-exceeded');
    expect((await links.resolve(local('needs-plan'), ada)).value).toBeUndefined();
    remote.answer = () => failure();
    await clock.advance(120_000);
    expect((await links.resolve(local('needs-plan'), ada)).value).toBeUndefined();
  });
});

it('a person is named so that a program in another language can do it, too', () => {
  const groups = { team: 'b', company: 'a' };
  const name = personDigest({ distinctId: 'ä', groups, personProperties: { at: new Date(0) } });
  const sorted =
    '{"distinctId":"ä","groupProperties":{},"groups":{"company":"a","team":"b"},"personProperties":{"at":"1970-01-01T00:00:00.000Z"}}';
  expect(name).toBe(createHash('sha256').update(sorted).digest('hex'));
});

it('F67: keeps no failure, and nothing that could not be computed', async () => {
  const cache = new MemoryFallbackCache(10);
  const person = personDigest(ada) ?? '';
  const keys = ['needs-plan', 'other'];
  remote.answer = () => failure();
  await chain(cache).resolve(local('needs-plan'), ada);
  expect(cache.read(person, keys).size).toBe(0);
  remote.answer = () => flags({ other: true }, false);
  await chain(cache).resolve(local('needs-plan'), ada);
  expect([...cache.read(person, keys).keys()]).toEqual(['other']);
});

describe('a fallback cache that fails', () => {
  const broken: FallbackCache = {
    description: 'broken',
    read: () => Promise.reject(new Error('no')),
    write: () => Promise.reject(new Error('no')),
    clear: () => Promise.reject(new Error('no')),
  };

  it('breaks no evaluation, and is told once', async () => {
    remote.answer = () => failure();
    const links = chain(broken);
    for (let i = 0; i < 3; i += 1) {
      const unresolved = local('needs-plan');
      expect(await links.resolve(unresolved, ada)).toBe(unresolved);
    }
    expect(troubles.map(({ kind }) => kind)).toEqual(['failed']);
  });

  it.each([
    null,
    {},
    7,
    new Map([['needs-plan', null]]),
    new Map([
      [
        'needs-plan',
        { key: 'needs-plan', value: 7, answeredAt: Date.UTC(2026, 0, 1), digest: 'digest-1' },
      ],
    ]),
    new Map([
      [
        'needs-plan',
        { key: 'other', value: true, answeredAt: Date.UTC(2026, 0, 1), digest: 'digest-1' },
      ],
    ]),
  ])('that answers %j breaks no evaluation', async (answered) => {
    remote.answer = () => failure();
    const odd = { ...broken, read: () => answered as unknown as ReadonlyMap<string, never> };
    const unresolved = local('needs-plan');
    expect(await chain(odd).resolve(unresolved, ada)).toBe(unresolved);
  });

  it('holds nobody up for longer than its deadline', async () => {
    remote.answer = () => failure();
    const hangs: FallbackCache = { ...broken, read: () => new Promise(() => undefined) };
    const asked = chain(hangs).resolve(local('needs-plan'), ada);
    await clock.advance(100);
    expect((await asked).value).toBeUndefined();
  });

  it('and works again is told once', async () => {
    let fails = true;
    const inner = new MemoryFallbackCache(10);
    const links = chain({
      ...broken,
      read: (person, keys) => (fails ? Promise.reject(new Error('no')) : inner.read(person, keys)),
    });
    remote.answer = () => failure();
    await links.resolve(local('needs-plan'), ada);
    fails = false;
    await links.resolve(local('needs-plan'), ada);
    await links.resolve(local('needs-plan'), ada);
    expect(troubles.map(({ kind }) => kind)).toEqual(['failed', 'recovered']);
  });
});

describe('several flags', () => {
  it('go in one question, and what is decided is kept', async () => {
    remote.answer = () => flags({ a: true, b: 'x', c: false });
    const open = ['a', 'b', 'd'].map((key) => local(key));
    const resolved = await chain().resolveAll(open, ada);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([['a', 'b', 'd']]);
    expect([...resolved].map(([key, { value }]) => [key, value])).toEqual([
      ['a', true],
      ['b', 'x'],
    ]);
  });

  it('are all flags of the server before the definitions are loaded', async () => {
    remote.answer = () => flags({ a: true });
    const resolved = await chain().resolveAll([], ada, true);
    expect(remote.questions.map(({ keys }) => keys)).toEqual([undefined]);
    expect(resolved.get('a')).toMatchObject({ value: true, revision: undefined });
  });
});
