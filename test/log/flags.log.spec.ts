import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FetchFailure } from '../../lib/core/definitions/definition-source.js';
import type { FlagsFailure } from '../../lib/core/observe/flags-failure.js';
import type { HealthState } from '../../lib/core/refresh/health.js';
import type {
  CacheFailure,
  InstanceRole,
  TurnResult,
} from '../../lib/core/refresh/refresh-outcome.js';
import { FlagsLog } from '../../lib/log/flags.log.js';
import { safeLogger } from '../../lib/log/safe-logger.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';

let lines: string[];
let log: FlagsLog;
let clock: ManualClock;

beforeEach(() => {
  lines = [];
  clock = new ManualClock();
  log = newLog();
  load();
  lines.length = 0;
});

function newLog(): FlagsLog {
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const logger = { log: write('log'), warn: write('warn'), error: write('error') };
  return new FlagsLog(logger, 'the file', clock);
}

/** The first load, after which failures are told. */
function load(where: 'source' | 'cache' = 'source'): void {
  const changes = { added: ['a'], removed: [], changed: [] };
  log.onEvent({ type: 'definitions-changed', previousRevision: undefined, revision: 1, flagCount: 1, where, ...changes }); // prettier-ignore
  changed('starting', 'fresh');
  turn(confirmed);
}

function openSharedCopy(): void {
  const facts = { isExclusive: true, isPushed: true, isInThisProcess: false };
  const sharing = { kind: 'records', place: 'redis://cache:6379/0', key: 'shop', ...facts } as const; // prettier-ignore
  log.cacheOpened(sharing, { intervalMs: 30_000, checkMs: 5_000 });
}

function turn(
  result: TurnResult,
  cacheFailures: readonly CacheFailure[] = [],
  sourceFailure = result.kind === 'failed' ? result.failure.code : undefined,
  role?: InstanceRole,
): void {
  const outcome = { ...result, cacheFailures, durationMs: 1 };
  log.onEvent({ type: 'turn-finished', outcome, sourceFailure, role });
}

/** As the health tells it, just before the turn that brought it. */
function changed(from: HealthState, to: HealthState, failure?: FlagsFailure): void {
  log.onEvent({ type: 'health-changed', from, to, lastedMs: 0, ageMs: 95_000, failure });
}

const failed = (code: FetchFailure['code'], message = `It failed: ${code}.`): TurnResult => ({
  kind: 'failed',
  role: 'leader',
  failure: { code, message },
});
const of = (result: TurnResult): FlagsFailure | undefined =>
  result.kind === 'failed'
    ? { where: 'source', code: result.failure.code, message: result.failure.message }
    : undefined;
const confirmed: TurnResult = { kind: 'confirmed', role: 'leader', revision: 1 };
const unchanged: TurnResult = { kind: 'unchanged', revision: 1 };
const away: TurnResult = { kind: 'waiting', why: 'cache-unavailable' };
const noConnection: CacheFailure = { step: 'shouldFetch', message: 'No connection.' };
const refusal = 'The document has no list of flags.';

describe('the log of a failing source', () => {
  it('tells each kind of failure once in a row, and when it is over', () => {
    for (const code of ['timeout', 'timeout', 'server-error', 'server-error'] as const) {
      turn(failed(code));
    }
    turn(confirmed);
    turn(confirmed);

    expect(lines).toEqual([
      'warn: It failed: timeout. The flags in memory are kept.',
      'warn: It failed: server-error. The flags in memory are kept.',
      'log: Definitions are current again after 4 failures.',
    ]);
  });

  it('does not take a check for a recovery while the fetches of the fleet go on failing', () => {
    turn(failed('timeout'));
    turn(unchanged, [], 'timeout');
    turn(failed('timeout'));
    turn(unchanged);

    expect(lines).toEqual([
      expect.stringMatching(/^warn: It failed: timeout/),
      'log: Definitions are current again after 2 failures.',
    ]);
  });

  it('tells a failure and the state that it brings in one line, and its end in one', async () => {
    await clock.advance(7_200_000);
    const refused = failed('unauthorized');
    changed('fresh', 'denied', of(refused));
    turn(refused);
    turn(refused);
    await clock.advance(180_000);
    changed('denied', 'fresh');
    turn(confirmed);

    expect(lines).toEqual([
      'error: fresh → denied after 2 h: the source refuses the definitions. Evaluation goes on with the flags in memory, but no change arrives until this is put right. It failed: unauthorized.',
      'log: denied → fresh after 3 min: the flags are current again, confirmed 95 s ago. Nothing is to be done.',
    ]);
  });

  it('tells that changes are not pushed, why probably, and that they are again', () => {
    log.pushTroubled({ kind: 'failed', message: 'Nothing is heard at db: look at the pooler.' });
    log.pushTroubled({ kind: 'recovered' });

    expect(lines).toEqual([
      'warn: Changes of the definitions are not pushed, but found at the next look. Nothing is heard at db: look at the pooler.',
      'log: Changes of the definitions are pushed again.',
    ]);
  });

  it('tells what is no JSON, of which no refusal was told', () => {
    turn(failed('invalid-definitions', 'flags.json is not JSON: line 3.'));

    expect(lines).toEqual(['warn: flags.json is not JSON: line 3. The flags in memory are kept.']);
  });

  it('tells a refused document once, as what it is', () => {
    for (let n = 0; n < 3; n += 1) {
      log.onEvent({ type: 'definitions-rejected', where: 'source', message: refusal });
      turn(failed('invalid-definitions', refusal));
    }

    expect(lines).toEqual([
      `error: Definitions from the source were refused. ${refusal} The flags in memory are kept.`,
    ]);
  });

  it('tells a refused document with the state that it brings', () => {
    const refused = failed('invalid-definitions', refusal);
    log.onEvent({ type: 'definitions-rejected', where: 'source', message: refusal });
    changed('fresh', 'poisoned', of(refused));
    turn(refused);

    expect(lines).toEqual([
      expect.stringMatching(/^error: fresh → poisoned .*no list of flags\.$/),
    ]);
  });

  it('that fails and recovers again and again does not fill the log', async () => {
    for (let n = 0; n < 200; n += 1) {
      turn(failed('timeout'));
      turn(confirmed);
      await clock.advance(3_000);
    }
    // Ten at once, then one in each minute; each has an end.
    expect(lines).toHaveLength(2 * (10 + 9));
  });
});

describe('the log of definitions that look like a mistake', () => {
  const keys = Array.from({ length: 12 }, (_, n) => `f${n}`);
  const doubt = { type: 'definitions-doubted', flagCount: 0, heldFlagCount: 12, keys } as const;

  it('F49: tells a drop that was confirmed as an error, with at most ten keys', () => {
    log.onEvent({ ...doubt, why: 'fewer-flags', verdict: 'confirmed' });

    expect(lines).toEqual([
      'error: the file sent 0 of 12 flags, without f0, f1, f2, f3, f4, f5, f6, f7, f8, f9 and 2 more. ' +
        'A second fetch said the same, so it counts: these flags are unknown from now on. ' +
        'If nobody meant that, look at what was changed there, and restore it.',
    ]);
  });

  it('F49: tells a drop that is not confirmed once, not again as a failure, and when it counts', () => {
    for (let n = 0; n < 3; n += 1) {
      log.onEvent({ ...doubt, why: 'fewer-flags', verdict: 'open' });
      turn(failed('unconfirmed'));
    }
    log.onEvent({ ...doubt, why: 'fewer-flags', verdict: 'confirmed' });

    expect(lines).toEqual([
      expect.stringMatching(/^warn: .*the flags in memory are kept/),
      expect.stringMatching(/^error: .*A second fetch said the same/),
    ]);
  });

  it('F52: warns of older flags, once while they come and go', () => {
    for (let n = 0; n < 3; n += 1) {
      log.onEvent({ ...doubt, keys: ['a'], why: 'older-flags', verdict: 'withdrawn' });
      turn(confirmed);
    }

    expect(lines).toEqual([
      expect.stringMatching(/^warn: the file sent an older version than before of a\. .*went back/),
    ]);
  });
});

describe('the log of a failing cache', () => {
  it('tells each step once, and when it works again', () => {
    const failure: CacheFailure = { step: 'read', message: 'No connection.' };
    turn(away, [failure]);
    turn(away, [failure]);
    turn(unchanged);

    expect(lines).toEqual([
      'warn: The definition cache could not be read. No connection. Evaluation goes on with the flags in memory.',
      'log: The definition cache works again.',
    ]);
  });

  it.each<[CacheFailure['step'], string]>([
    ['shouldFetch', 'cannot say who fetches'],
    ['read', 'could not be read'],
    ['publish', 'could not store what was fetched'],
    ['confirm', 'could not store that the source has confirmed the flags'],
    ['report-failure', 'could not store that a fetch has failed'],
  ])('says in words what the step %s is', (step, words) => {
    turn(unchanged, [{ step, message: 'No connection.' }]);

    expect(lines).toEqual([
      expect.stringContaining(`The definition cache ${words}. No connection.`),
    ]);
  });

  it('tells one cause once, whatever steps it fails', () => {
    turn(away, [noConnection, { step: 'report-failure', message: 'No connection.' }]);
    turn(away, [noConnection, { step: 'read', message: 'No connection at all.' }]);

    expect(lines).toHaveLength(1);
  });

  it('tells that it is away also after it could not be written', () => {
    turn(confirmed, [{ step: 'publish', message: 'Read only.' }]);
    turn(away, [noConnection]);

    expect(lines).toEqual([
      expect.stringContaining('Read only.'),
      expect.stringContaining('No connection.'),
    ]);
  });

  it('tells that it is away and what this means in one line, and its return in one', async () => {
    await clock.advance(100_000);
    changed('fresh', 'solo', { where: 'cache', code: 'shouldFetch', message: 'No connection.' });
    turn(away, [noConnection]);
    turn(away, [noConnection]);
    await clock.advance(40_000);
    changed('solo', 'fresh');
    turn(unchanged);

    expect(lines).toEqual([
      expect.stringMatching(/^warn: fresh → solo after 100 s: the definition cache does not answer\..* at most about four times per interval, until the cache is back\. No connection\.$/), // prettier-ignore
      'log: solo → fresh after 40 s: the definition cache answers again. The flags are current, confirmed 95 s ago. Nothing is to be done.',
    ]);
  });

  it('does not tell again at the end that it is away', () => {
    turn(away, [noConnection]);
    log.onEvent({ type: 'cache-shutdown-failed', message: 'No connection.' });

    expect(lines).toHaveLength(1);
  });

  it('does not warn of a client that was closed before the app ended', () => {
    const message = 'It was closed.';
    log.onEvent({ type: 'cache-shutdown-failed', message, code: 'closed' });

    expect(lines).toEqual([]);
  });

  it('tells when it could not be shut down', () => {
    log.onEvent({ type: 'cache-shutdown-failed', message: 'No connection.' });

    expect(lines).toEqual([
      'warn: The definition cache could not be shut down. No connection. A claim that it held, or a lease, runs out by itself.',
    ]);
  });
});

describe('the log of states', () => {
  it.each<[HealthState, string]>([
    ['stale', 'warn'],
    ['solo', 'warn'],
    ['expired', 'error'],
    ['denied', 'error'],
    ['poisoned', 'error'],
    ['empty', 'error'],
  ])('tells %s at the level %s, and says what it means', (state, level) => {
    changed('fresh', state);
    turn(unchanged);
    expect(lines[0]).toMatch(new RegExp(`^${level}: fresh → ${state} after [^:]+: .{40,}`));
  });

  it('does not tell the first load twice', () => {
    expect(lines).toEqual([]);
  });

  it('that flip is a few lines and then one a minute, and the last line is true', async () => {
    for (let n = 0; n < 50; n += 1) {
      changed('fresh', 'solo', { where: 'cache', code: 'shouldFetch', message: 'No connection.' });
      turn(away, [noConnection]);
      changed('solo', 'fresh');
      turn(unchanged);
      await clock.advance(1_000);
    }
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('solo → fresh');

    changed('fresh', 'solo');
    turn(away);
    expect(lines).toHaveLength(10);
    await clock.advance(60_000);
    turn(away);
    expect(lines.at(-1)).toMatch(/^warn: fresh → solo after \d+ s \(\d+ more changes between were not told\): /); // prettier-ignore
  });

  it('that changed and changed back while they were held back are no news', async () => {
    for (let n = 0; n < 6; n += 1) {
      changed('fresh', 'solo');
      turn(away);
      changed('solo', 'fresh');
      turn(unchanged);
    }
    await clock.advance(300_000);
    turn(unchanged);
    expect(lines).toHaveLength(10);
  });
});

describe('what another instance has met with', () => {
  it('is no news when this one meets with it as well', () => {
    const code = 'unauthorized';
    changed('fresh', 'denied', { where: 'source', code, message: 'Another instance was refused.' });
    turn(unchanged, [], code);
    turn(failed(code, 'PostHog refused the key.'));
    expect(lines).toEqual([expect.stringContaining('Another instance was refused.')]);
  });

  it('is no news either where it is a document that is none', () => {
    const code = 'invalid-definitions';
    changed('fresh', 'poisoned', { where: 'source', code, message: 'Another instance got it.' });
    turn(unchanged, [], code);
    log.onEvent({ type: 'definitions-rejected', where: 'source', message: refusal });
    turn(failed(code, refusal));
    expect(lines).toEqual([expect.stringContaining('Another instance got it.')]);
  });
});

it('has for debugging what a turn did, and not that the next looks found nothing to do', () => {
  const debugged: string[] = [];
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  log = new FlagsLog({ ...silent, debug: (line) => debugged.push(line) }, 'the file', clock);
  for (const result of [confirmed, confirmed, unchanged, unchanged, away, unchanged, confirmed])
    turn(result);

  expect(debugged).toEqual([
    'Turn finished: confirmed after 1 ms.',
    'Turn finished: confirmed after 1 ms.',
    'Turn finished: unchanged after 1 ms.',
    'Turn finished: confirmed after 1 ms.',
  ]);
});

it('has a change of the lead for debugging only: it is no news in a healthy fleet', () => {
  const debugged: string[] = [];
  const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };
  log = new FlagsLog({ ...silent, debug: (line) => debugged.push(line) }, 'the file', clock);
  turn(confirmed, [], undefined, 'leader');
  turn(confirmed, [], undefined, 'leader');
  turn(unchanged, [], undefined, 'follower');

  expect(debugged.filter((line) => line.includes('→'))).toEqual([
    'leader → follower: this instance reads what another has fetched.',
  ]);
});

describe('an app that starts', () => {
  beforeEach(() => {
    log = newLog();
  });

  it('says where its flags come from, the source or the shared copy', () => {
    openSharedCopy();
    load('cache');
    log = newLog();
    load('source');

    expect(lines.slice(1)).toEqual([
      'log: 1 flag loaded from the shared copy in redis://cache:6379/0 (revision 1).',
      'log: 1 flag loaded from the file (revision 1).',
    ]);
  });
});

describe('an app that starts with the snapshot file', () => {
  const fetched = { kind: 'fetched', role: 'leader', revision: 5, flagCount: 3, changed: false, published: true } as const; // prettier-ignore

  beforeEach(() => {
    log = newLog();
    const facts = { ms: 100, failure: undefined, isPolling: true };
    log.startedFromSnapshot({ ...facts, file: 'a.json', flagCount: 3, ageMs: 0, state: 'fresh' });
    lines.length = 0;
  });

  it('says once that something has come in its place, also where that is the same', () => {
    turn(failed('network', 'It is away.'));
    turn(away);
    expect(lines).not.toContainEqual(expect.stringContaining('in the place of'));
    lines.length = 0;
    turn(fetched);
    turn(fetched);
    expect(lines).toEqual([
      'log: 3 flags loaded from the file, in the place of the snapshot file.',
      expect.stringContaining('Definitions are current again'),
    ]);
  });

  it.each([
    [{ kind: 'read', revision: 5, flagCount: 4 } as const, '4 flags'],
    [{ kind: 'unchanged', revision: 5 } as const, '3 flags'],
  ])('says that it was the shared copy: %j', (result, flags) => {
    openSharedCopy();
    lines.length = 0;
    turn(result);
    expect(lines).toEqual([
      `log: ${flags} loaded from the shared copy in redis://cache:6379/0, in the place of the snapshot file.`,
    ]);
  });
});

describe('an app whose shared copy is compressed and sealed', () => {
  it('says so at start, whoever fetches', () => {
    const times = { intervalMs: 30_000, checkMs: 5_000 };
    const sharing = { kind: 'records', place: 'the place', key: 'shop', isPushed: true } as const;
    const codec = 'json+gzip+sealed';
    for (const isExclusive of [true, false]) {
      log = newLog();
      log.cacheOpened({ ...sharing, codec, isExclusive, isInThisProcess: false }, times);
      expect(lines.at(-1)).toContain('. They lie there as json+gzip+sealed.');
    }
  });
});

describe('an app that starts without definitions', () => {
  beforeEach(() => {
    log = newLog();
  });

  it('says of its cache that it is away, and not that evaluation goes on', () => {
    turn(failed('network'), [noConnection]);

    expect(lines).toEqual([
      'warn: The definition cache cannot say who fetches. No connection. No flags are loaded yet.',
    ]);
  });

  it('says what has failed when that is known only later', () => {
    log.startedWithoutDefinitions({ ms: 100, failure: undefined, isPolling: true });
    const failure = failed('network');
    changed('starting', 'empty', of(failure));
    turn(failure, [noConnection]);
    turn(failure, [noConnection]);

    expect(lines.slice(1)).toEqual([
      expect.stringContaining('cannot say who fetches. No connection.'),
      'warn: It failed: network. No flags are loaded yet.',
    ]);
  });

  it.each([
    [{ ms: 3_000, failure: undefined, isPolling: true }, /within 3000 ms.*Loading goes on\.$/],
    [{ ms: 3_000, failure: 'No such file.', isPolling: false }, /: No such file\. .*refresh\(\)/],
  ])('says why, and what then: %j', (facts, expected) => {
    log.startedWithoutDefinitions(facts);

    expect(lines).toEqual([expect.stringMatching(expected)]);
  });

  it('says it once: neither the failure nor the state is told again', async () => {
    const missing = failed('unreadable', 'No such file.');
    turn(missing);
    log.startedWithoutDefinitions({ ms: 3_000, failure: 'No such file.', isPolling: true });
    changed('starting', 'empty', of(missing));
    turn(missing);
    expect(lines).toHaveLength(1);

    await clock.advance(60_000);
    load();
    expect(lines.slice(1)).toEqual(['log: 1 flag loaded from the file (revision 1).']);
  });
});

it('a logger that throws breaks nothing', () => {
  const broken = (): never => {
    throw new Error('disk full');
  };
  const safe = safeLogger({ log: broken, warn: broken, error: broken });

  expect(() => {
    safe.log('a');
    safe.warn('b');
    safe.error('c');
    safe.debug?.('d');
  }).not.toThrow();
});
