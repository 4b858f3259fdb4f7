/**
 * The chain from what Redis executes to a verdict, on traces that are written by hand: it passes
 * what is right, and sees each thing that is doctored.
 */
import { describe, expect, it } from '@jest/globals';
import { checkTrace } from '../simulation/invariants/check-trace.js';
import type { Invariant } from '../simulation/invariants/violation.js';
import { factsOf, shortTimes } from './fleet-settings.js';
import { secrets, withSecrets } from './secrets.js';
import { readMonitorLine, type ExecutedCommand } from './stores/redis-monitor.js';
import { RedisWitness } from './stores/redis-witness.js';
import type { StoreFact, Told, ToldFact } from './told.js';
import { traceOf } from './trace-of.js';

const keys = ['3', '{k}:claims', '{k}:members', '{k}:body:'];
const filled = (args: readonly string[], length: number): string[] =>
  Array.from({ length }, (_, index) => args[index] ?? '');
const check = ['EVALSHA', 'a-hash', ...keys, ...filled(['uuid'], 13)];
const finish = (kind: string): string[] => [
  'EVALSHA',
  'a-hash',
  ...keys,
  ...filled(['uuid', '7', kind, '', '', '', 'W/"2"'], 13),
];

/** What a witness makes of commands: lists are a client's, and what follows with `lua` a script's. */
function seen(...commands: readonly (readonly string[])[]): StoreFact[] {
  const facts: StoreFact[] = [];
  const witness = new RedisWitness(
    () => 'i1',
    ({ at: _at, ...fact }) => facts.push(fact),
  );
  commands.forEach(([first = '', ...rest], at) => {
    const isScript = first === 'lua';
    const args = isScript ? rest : [first, ...rest];
    witness.see({ at, port: isScript ? undefined : 1, args });
  });
  witness.settle();
  return facts;
}

describe('a line of MONITOR', () => {
  const parts = (line: string): Partial<ExecutedCommand> => {
    const { port, args } = readMonitorLine(line) ?? {};
    return { port, args };
  };

  it('is read with its client, and with all that can stand between quotes', () => {
    expect(parts('+1795267633.390470 [0 127.0.0.1:51322] "set" "a b" "x\\"y\\\\ \\r\\n\\x01" ""')).toEqual({ port: 51322, args: ['set', 'a b', 'x"y\\ \r\n\x01', ''] }); // prettier-ignore
  });

  it('is known as what a script has called', () => {
    expect(parts('+1795267633.390548 [0 lua] "HSET" "k1" "a" ""')).toEqual({
      port: undefined,
      args: ['HSET', 'k1', 'a', ''],
    });
  });

  it('is nothing where Redis replies', () => {
    expect(readMonitorLine('+OK')).toBeUndefined();
  });
});

describe('the witness of Redis', () => {
  it('sees a look without a grant, and how many the store knows', () => {
    const sign = ['lua', 'HSET', '{k}:members', 'uuid', '1 0 '];
    expect(seen(check, sign)).toEqual([{ type: 'checked', instance: 'i1', members: 1 }]);
  });

  it('knows that nobody is known any more when all was removed', () => {
    const sign = (member: string) => ['lua', 'HSET', '{k}:members', member, '1 0 '];
    const looks = seen(check, sign('one'), sign('two'), ['FLUSHALL'], check, sign('two'));
    expect(looks.map((look) => 'members' in look && look.members)).toEqual([2, 1]);
  });

  it('sees a grant by the token that was written', () => {
    const grant = ['lua', 'HSET', '{k}:claims', 'format', '1', 'token', '7', 'holder', 'uuid'];
    expect(seen(check, grant)).toContainEqual({ type: 'granted', instance: 'i1', token: 7 });
  });

  it('tells a finish that was accepted from one that changed nothing and one that should not have', () => {
    const accepts = ['lua', 'HSET', '{k}:claims', 'format', '1', 'holder', '', 'revision', '7'];
    const outcome = (...commands: readonly (readonly string[])[]): (boolean | undefined)[] => {
      const fact = seen(...commands).find(({ type }) => type === 'executed-finish');
      return fact?.type === 'executed-finish' ? [fact.isAccepted, fact.hasWritten] : [];
    };
    expect(outcome(finish('new'), accepts)).toEqual([true, true]);
    expect(outcome(finish('new'))).toEqual([false, false]);
    expect(outcome(finish('same'), ['lua', 'PUBLISH', 'c', '7'])).toEqual([false, true]);
  });

  it('does not take what a later command writes for the finish before it', () => {
    const [fact] = seen(finish('new'), ['PING'], ['lua', 'HSET', '{k}:claims', 'holder', '']);
    expect(fact).toMatchObject({ isAccepted: false, hasWritten: false });
  });

  it('counts a script once that had to be sent again because Redis did not know it', () => {
    const accepts = ['lua', 'HSET', '{k}:claims', 'format', '1', 'holder', '', 'revision', '7'];
    const again = ['EVAL', 'the script', ...finish('new').slice(2)];
    expect(seen(finish('new'), again, accepts)).toMatchObject([{ isAccepted: true }]);
  });

  it('sees who reads a body', () => {
    expect(seen(['GET', '{k}:body:12'])).toEqual([{ type: 'body-read', instance: 'i1', revision: 12 }]); // prettier-ignore
  });
});

describe('the search for secrets', () => {
  it('finds each of them, within whatever was said', () => {
    const said = [
      'all is well',
      `redis://:${secrets.password}@host`,
      `Bearer ${secrets.secretKey}`,
    ];
    expect(withSecrets(said)).toEqual(said.slice(1));
  });
});

type At = readonly [at: number, fact: ToldFact];
const instance = 'i1';

const turn = (facts: Partial<Extract<ToldFact, { type: 'turn' }>> = {}): ToldFact => ({
  type: 'turn',
  instance,
  outcome: 'unchanged',
  cacheFailures: [],
  ...facts,
});

/** A claim from its grant to its end, with the fetch and the turn around it. */
const refresh = (at: number, token: number, etag: string, kind: 'new' | 'same'): At[] => [
  [at, { type: 'checked', instance, members: 1 }],
  [at, { type: 'granted', instance, token }],
  [at + 5, { type: 'fetch-started', instance }],
  [at + 20, { type: 'fetch-ended', instance, answer: '200' }],
  [at + 30, { type: 'executed-finish', instance, token, kind, etag, isAccepted: true, hasWritten: true }], // prettier-ignore
  [at + 40, turn({ outcome: kind === 'new' ? 'fetched' : 'confirmed', role: 'leader' })],
];

const applied = (revision: number, content: string): ToldFact => ({
  type: 'applied',
  instance,
  revision,
  content,
});

const END_MS = 60_000;
const good: readonly At[] = [
  [0, { type: 'version', version: 1, content: 'v1' }],
  [1, { type: 'booted', instance, rate: 1 }],
  ...refresh(100, 1_000, 'v1', 'new'),
  [135, applied(1_000, 'v1')],
  [10_000, { type: 'version', version: 2, content: 'v2' }],
  ...refresh(10_100, 2_000, 'v2', 'new'),
  [10_135, applied(2_000, 'v2')],
  ...Array.from({ length: 38 }, (_, n) => refresh(11_300 + n * 1_250, 3_000 + n, 'v2', 'same')).flat(), // prettier-ignore
  ...Array.from({ length: 12 }, (_, n): At => [5_000 * n + 4_999, turn()]),
];

function brokenBy(extra: readonly At[], from = good): Set<Invariant> {
  const told = [...from, ...extra].map(([at, fact]): Told => ({ ...fact, at }));
  const trace = traceOf(told, (etag) => etag);
  const facts = factsOf(shortTimes, { calmFromMs: 0, endMs: END_MS });
  return new Set(checkTrace(trace, facts).map(({ invariant }) => invariant));
}

const refused = (token: number, hasWritten: boolean): ToldFact => ({
  type: 'executed-finish',
  instance,
  token,
  kind: 'new',
  etag: 'v2',
  isAccepted: false,
  hasWritten,
});

describe('the verdict over a real fleet', () => {
  it('finds nothing where all is right', () => {
    expect([...brokenBy([])]).toEqual([]);
  });

  it.each<[Invariant, string, readonly At[]]>([
    ['S1', 'two publications under one token', refresh(10_500, 2_000, 'v2', 'new')],
    ['S2', 'a revision that goes back', [[12_000, applied(1_500, 'v2')]]],
    ['S3', 'content in the store that goes back', refresh(10_700, 2_500, 'v1', 'new')],
    ['content', 'content at an instance that goes back', [[12_000, applied(2_600, 'v1')]]],
    ['S4', 'a refused finish that has written', [[12_000, refused(2_000, true)]]],
    ['S5', 'an evaluation that fails', [[12_000, { type: 'evaluated', instance, fault: 'by throwing' }]]], // prettier-ignore
    ['S6', 'a fetch of a leader to whom nothing was granted', [[10_900, { type: 'fetch-started', instance }], [10_950, turn({ role: 'leader' })]]], // prettier-ignore
    ['S7', 'content that nobody served', [[12_000, { type: 'applied', instance, revision: 2_700 }]]], // prettier-ignore
    ['C1', 'more fetches than intervals', Array.from({ length: 40 }, (_, n) => refresh(11_900 + n * 1_250, 2_100 + n, 'v2', 'same')).flat()], // prettier-ignore
    ['C3', 'a body that is read twice', [[50_000, { type: 'body-read', instance, revision: 2_000 }], [51_000, { type: 'body-read', instance, revision: 2_000 }]]], // prettier-ignore
    ['L-d', 'a shutdown that takes too long', [[55_000, { type: 'closing', instance }], [59_000, { type: 'closed', instance, tookMs: 20_000 }]]], // prettier-ignore
  ])('%s: sees %s', (invariant, _what, extra) => {
    expect(brokenBy(extra)).toContain(invariant);
  });

  it('S4: passes a refused finish that has changed nothing', () => {
    expect([...brokenBy([[12_000, refused(2_000, false)]])]).toEqual([]);
  });

  it('S6: allows who cannot reach the cache to ask, but not soon again', () => {
    const alone = (at: number): At[] => [
      [at, { type: 'fetch-started', instance }],
      [at + 10, turn({ role: 'solo', outcome: 'fetched', cacheFailures: ['shouldFetch'] })],
    ];
    expect([...brokenBy(alone(59_000))]).not.toContain('S6');
    expect(brokenBy([...alone(59_000), ...alone(59_200)])).toContain('S6');
  });

  it('L-a, L-b, L-c: sees a fleet that stops', () => {
    const stopped = good.filter(([at]) => at < 12_000);
    expect([...brokenBy([], stopped)]).toEqual(expect.arrayContaining(['L-a', 'L-c']));
    const deaf = good.filter(([at, { type }]) => !(type === 'applied' && at > 10_000));
    expect(brokenBy([], deaf)).toContain('L-b');
  });
});
