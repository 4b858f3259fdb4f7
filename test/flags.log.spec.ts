import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FetchFailure } from '../lib/core/definitions/definition-source.js';
import type { CacheFailure, TurnResult } from '../lib/core/refresh/refresh-outcome.js';
import { FlagsLog } from '../lib/flags.log.js';
import { safeLogger } from '../lib/safe-logger.js';

let lines: string[];
let log: FlagsLog;

beforeEach(() => {
  lines = [];
  const write = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  log = new FlagsLog({ log: write('log'), warn: write('warn'), error: write('error') }, 'the file');
});

function turn(result: TurnResult, cacheFailures: readonly CacheFailure[] = []): void {
  log.onEvent({ type: 'turn-finished', outcome: { ...result, cacheFailures, durationMs: 1 } });
}

const failed = (code: FetchFailure['code'], message = `It failed: ${code}.`): TurnResult => ({
  kind: 'failed',
  role: 'leader',
  failure: { code, message },
});
const confirmed: TurnResult = { kind: 'confirmed', role: 'leader', revision: 1 };
const unchanged: TurnResult = { kind: 'unchanged', revision: 1 };
const refusal = 'The document has no list of flags.';

describe('the log of a failing source', () => {
  it('tells each kind of failure once in a row, and when it is over', () => {
    for (const code of ['timeout', 'timeout', 'unauthorized', 'unauthorized'] as const) {
      turn(failed(code));
    }
    turn(confirmed);
    turn(confirmed);

    expect(lines).toEqual([
      'warn: It failed: timeout. The flags in memory, if any, are kept.',
      'warn: It failed: unauthorized. The flags in memory, if any, are kept.',
      'log: Definitions are current again after 4 failures.',
    ]);
  });

  it('tells what is no JSON, of which no refusal was told', () => {
    turn(failed('invalid-definitions', 'flags.json is not JSON: line 3.'));

    expect(lines).toEqual([
      'warn: flags.json is not JSON: line 3. The flags in memory, if any, are kept.',
    ]);
  });

  it('tells a refused document once, as what it is', () => {
    for (let n = 0; n < 3; n += 1) {
      log.onEvent({ type: 'definitions-rejected', where: 'source', message: refusal });
      turn(failed('invalid-definitions', refusal));
    }

    expect(lines).toEqual([
      `error: Definitions from the source were refused, the last good ones, if any, are kept: ${refusal}`,
    ]);
  });
});

describe('the log of a failing cache', () => {
  it('tells each step once, and when it works again', () => {
    const failure: CacheFailure = { step: 'read', message: 'No connection.' };
    turn({ kind: 'waiting', why: 'cache-unavailable' }, [failure]);
    turn({ kind: 'waiting', why: 'cache-unavailable' }, [failure]);
    turn(unchanged);

    expect(lines).toEqual([
      'warn: The definition cache failed at read: No connection. Evaluation goes on with the definitions in memory.',
      'log: The definition cache works again.',
    ]);
  });

  it('tells when it could not be shut down', () => {
    log.onEvent({ type: 'cache-shutdown-failed', message: 'No connection.' });

    expect(lines).toEqual([expect.stringContaining('could not be shut down: No connection.')]);
  });
});

it('tells a change of role, and not the first one', () => {
  turn(confirmed);
  turn(confirmed);
  turn(unchanged);
  turn({
    kind: 'fetched',
    role: 'solo',
    revision: 2,
    flagCount: 1,
    changed: true,
    published: false,
  });

  expect(lines).toEqual([
    'log: leader → follower: this instance reads what another has fetched.',
    expect.stringContaining('log: follower → solo: '),
  ]);
});

it.each([
  [{ ms: 3_000, failure: undefined, isPolling: true }, /within 3000 ms.*Loading goes on\.$/],
  [{ ms: 3_000, failure: 'No such file.', isPolling: false }, /: No such file\. .*refresh\(\)/],
])('says why the app starts without definitions, and what then: %j', (facts, expected) => {
  log.startedWithoutDefinitions(facts);

  expect(lines[0]).toMatch(expected);
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
