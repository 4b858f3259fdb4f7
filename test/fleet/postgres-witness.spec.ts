/**
 * The chain from what PostgreSQL writes into its log to what is told of it, on lines that are
 * written by hand. What becomes of it then is the same for every store, and in `witness.spec.ts`.
 */
import { describe, expect, it } from '@jest/globals';
import { LogReader, type LogFact } from './stores/postgres-log.js';
import { PostgresWitness } from './stores/postgres-witness.js';
import type { StoreFact } from './told.js';

const client = '127.0.0.1(51322)';
const line = (text: string, { pid = 7, from = client, level = 'LOG' } = {}): string =>
  `@1795267633.390 ${pid} ${from} ${level}:  ${text}`;

type Who = { readonly pid?: number; readonly from?: string };

const call = (name: string, request: object, who: Who = {}): string[] => [
  line(`duration: 0.400 ms  execute <unnamed>: SELECT "flags_v1_${name}"($1, $2) AS reply`, who),
  line(`parameters: $1 = 'fleet', $2 = '${JSON.stringify(request).replaceAll("'", "''")}'`, { ...who, level: 'DETAIL' }), // prettier-ignore
];
const wrote = (does: string, row: object, who: Who = {}): string =>
  line(`witness ${JSON.stringify({ at: 1_795_267_633.4, does, ...row })}`, who);

const claims = (facts: object) => ({ kind: 'claims', name: '', facts });
const member = (name: string) => ({ kind: 'member', name, facts: {} });
const finish = { instance: 'uuid', token: 7, kind: 'new', etag: 'W/"2"' };
const grants = wrote('UPDATE', {
  before: claims({ token: 6, holder: '' }),
  after: claims({ token: 7, holder: 'uuid' }),
});
const publishes = wrote('UPDATE', {
  before: claims({ token: 7, holder: 'uuid' }),
  after: claims({ token: 7, holder: '', revision: 7 }),
});

function read(...lines: readonly string[]): LogFact[] {
  const reader = new LogReader();
  return lines.flatMap((one) => reader.read(one) ?? []);
}

function seen(...lines: readonly string[]): StoreFact[] {
  const facts: StoreFact[] = [];
  const witness = new PostgresWitness({
    nameOf: (port) => (port === 51322 ? 'i1' : undefined),
    tell: ({ at: _at, ...fact }) => facts.push(fact),
  });
  for (const fact of read(...lines)) witness.see(fact);
  return facts;
}

describe('the log of PostgreSQL', () => {
  it('is read with client, function and values, whatever stands in them', () => {
    const request = { instance: "it's", etag: 'W/"2"\\n', digest: "', $3 = '" };
    expect(read(...call('check', request))).toMatchObject([{ type: 'called', pid: 7, port: 51322, name: 'check', request }]); // prettier-ignore
  });

  it('says which rows were written, by whom, and when', () => {
    const [fact, next] = read(grants, wrote('TRUNCATE', {}, { from: '[local]' }));
    expect(fact).toMatchObject({ type: 'wrote', port: 51322, row: { does: 'UPDATE' } });
    expect(next).toMatchObject({ type: 'wrote', port: undefined, row: { does: 'TRUNCATE' } });
  });

  it('is nothing where it speaks of something else', () => {
    const others = [
      line('duration: 0.2 ms  bind <unnamed>: SELECT "flags_v1_check"($1, $2) AS reply'),
      line("parameters: $1 = 'fleet', $2 = '{}'", { level: 'DETAIL' }),
      line('duration: 0.2 ms  statement: LISTEN "a"'),
      '\tPL/pgSQL function witness_write() line 3 at RAISE',
      line('checkpoint starting: time', { from: '' }),
    ];
    expect(read(...others)).toEqual([]);
  });
});

describe('the witness of PostgreSQL', () => {
  it('sees a look without a grant, and how many the store knows', () => {
    const signs = wrote('INSERT', { after: member('uuid') });
    expect(seen(signs, ...call('check', {}))).toEqual([{ type: 'checked', instance: 'i1', members: 1 }]); // prettier-ignore
  });

  it('knows no members any more when the table was emptied', () => {
    const signs = wrote('INSERT', { after: member('uuid') });
    const emptied = wrote('TRUNCATE', {}, { pid: 9, from: '[local]' });
    const looks = [signs, ...call('check', {}), emptied, ...call('check', {})];
    expect(seen(...looks)).toMatchObject([{ members: 1 }, { members: 0 }]);
  });

  it('sees a grant by the token that was written', () => {
    expect(seen(grants, ...call('check', {}))).toContainEqual({ type: 'granted', instance: 'i1', token: 7 }); // prettier-ignore
  });

  it('tells a finish that was accepted from one that changed nothing and one that should not have', () => {
    const [accepted] = seen(publishes, ...call('finish', finish));
    expect(accepted).toEqual({ type: 'executed-finish', instance: 'i1', token: 7, kind: 'new', etag: 'W/"2"', isAccepted: true, hasWritten: true }); // prettier-ignore
    expect(seen(...call('finish', finish))).toMatchObject([{ isAccepted: false, hasWritten: false }]); // prettier-ignore
    const ended = wrote('UPDATE', {
      before: claims({ holder: '' }),
      after: claims({ holder: '', revision: 7 }),
    });
    expect(seen(ended, ...call('finish', finish))).toMatchObject([{ isAccepted: false, hasWritten: true }]); // prettier-ignore
    const body = wrote('DELETE', { before: { kind: 'body', name: '6', facts: {} } });
    expect(seen(body, ...call('finish', finish))).toMatchObject([{ isAccepted: false, hasWritten: true }]); // prettier-ignore
  });

  it('does not take what another client or an earlier call has written for its own', () => {
    const others = wrote('UPDATE', { after: claims({ holder: '' }) }, { pid: 8 });
    const late = [publishes, ...call('finish', finish), ...call('finish', finish)];
    expect(seen(others, ...call('finish', finish))).toMatchObject([{ isAccepted: false }]);
    expect(seen(...late)).toMatchObject([{ isAccepted: true }, { isAccepted: false }]);
  });

  it('forgets what was written by a statement that failed', () => {
    const failed = line('canceling statement due to lock timeout', { level: 'ERROR' });
    expect(seen(publishes, failed, ...call('finish', finish))).toMatchObject([{ isAccepted: false, hasWritten: false }]); // prettier-ignore
  });

  it('sees who reads a body', () => {
    expect(seen(...call('body', { revision: '12' }))).toEqual([{ type: 'body-read', instance: 'i1', revision: 12 }]); // prettier-ignore
  });
});
