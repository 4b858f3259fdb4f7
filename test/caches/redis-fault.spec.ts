/** What a person reads when Redis refuses or cannot be reached. */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import {
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  ReconnectStrategyError,
  RootNodesUnavailableError,
  SocketClosedUnexpectedlyError,
} from 'redis';
import { redisFault } from '../../lib/caches/redis/redis-fault.js';
import { FlagsError } from '../../lib/core/errors/flags-error.js';

/** Not among what it exports. */
const ofIoRedis = (name: string): new (...given: unknown[]) => Error =>
  createRequire(import.meta.url)(`ioredis/built/errors/${name}`).default;

const fault = (error: unknown): FlagsError => redisFault(error, 'do it', 'flags:v1:{shop}:claims');

describe('F10: an error of Redis', () => {
  it.each([
    ["READONLY You can't write against a read only replica.", 'READONLY', 'connect to the primary'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'OOM', 'raise maxmemory'],
    ['MISCONF Redis is configured to save RDB snapshots, but …', 'MISCONF', 'look at its log'],
    ['LOADING Redis is loading the dataset in memory', 'LOADING', 'it will answer soon'],
    ['BUSY Redis is busy running a script.', 'BUSY', 'look at SCRIPT KILL'],
    ['MASTERDOWN Link with MASTER is down', 'MASTERDOWN', 'connect to the primary'],
    ['CLUSTERDOWN The cluster is down', 'CLUSTERDOWN', 'look at CLUSTER INFO'],
    ['NOREPLICAS Not enough good replicas to write.', 'NOREPLICAS', 'min-replicas-to-write'],
    ['MOVED 3999 127.0.0.1:6381', 'MOVED', 'give a cluster client'],
    ["CROSSSLOT Keys in request don't hash to the same slot", 'CROSSSLOT', 'give a cluster client'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'TRYAGAIN', 'it will answer soon'],
    ['NOAUTH Authentication required.', 'NOAUTH', 'it wants a password'],
    ['ERR Protocol error: unauthenticated multibulk length', 'NOAUTH', 'it wants a password'],
    ['WRONGPASS invalid username-password pair', 'WRONGPASS', 'user or password is wrong'],
    ['NOPERM this user has no permissions', 'NOPERM', 'the user may not do this'],
    ['-NOPERM this user has no permissions', 'NOPERM', 'the user may not do this'],
    ['ERR ACL failure in script: …', 'NOPERM', 'the user may not do this'],
    ["ERR The user executing the script can't run this command", 'NOPERM', 'may not do this'],
    ['ERR max number of clients reached', 'ERR', 'it says "ERR max number of clients reached"'],
  ])('%s', (message, code, advice) => {
    const named = fault(new Error(message));
    expect(named).toMatchObject({ code: 'cache-unavailable' });
    expect(named.message).toMatch(new RegExp(`^Redis could not do it \\(${code}\\): `));
    expect(named.message).toContain(advice);
  });

  it.each(['WRONGTYPE Operation against a key', 'FLAGSFOREIGN flags:v1:{shop}:claims'])(
    '%s is somebody else’s value',
    (message) => {
      expect(fault(new Error(message))).toMatchObject({
        code: 'foreign-value',
        message: expect.stringContaining('flags:v1:{shop}:claims'),
      });
    },
  );

  it('is quoted only up to where the server would quote a command', () => {
    const unknown = "ERR unknown command 'AUTH', with args beginning with: 'geheim' ";
    const named = fault(new Error(unknown));
    expect(named.message).toBe('Redis could not do it (ERR): it says "ERR unknown command".');
    expect(inspect(named, { showHidden: true })).not.toContain('geheim');
  });
});

describe('a connection that fails', () => {
  it('is named by the code and the address of the system', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED'), {
      code: 'ECONNREFUSED',
      address: '10.0.0.1',
      port: 6379,
    });
    expect(fault(error).message).toBe(
      'Redis could not do it: the connection failed with ECONNREFUSED at 10.0.0.1:6379; check that it runs, and its host and port.',
    );
    expect(fault(Object.assign(new Error(''), { code: 'ENOTFOUND' })).message).toContain(
      'failed with ENOTFOUND; check',
    );
  });

  it('is named by the kind of the error when there is nothing else', () => {
    class QuiteNewError extends Error {}
    expect(fault(new QuiteNewError('redis://app:geheim@cache')).message).toBe(
      'Redis could not do it: an error of the kind QuiteNewError; check that it runs and that the client is connected.',
    );
    expect(fault('text').message).toContain('of the kind string');
    expect(fault({ code: 'not a code of the system' }).message).toContain('of the kind object');
  });

  // Errors of the clients themselves, so that a new name of theirs is seen here.
  it.each<[string, unknown, string]>([
    [
      'a server that was killed',
      new SocketClosedUnexpectedlyError(),
      'it closed the connection; look',
    ],
    ['an end without a reason', undefined, 'it closed the connection; look'],
    ['an end, by ioredis', new Error('Connection is closed.'), 'it closed the connection; look'],
    ['no connection in time', new ConnectionTimeoutError(), 'could not be connected to in time'],
    ['a client that is away', new ClientOfflineError(), 'the client is not connected; check'],
    ['a client that was closed', new ClientClosedError(), 'the client was closed; keep it open'],
    ['a client that was ended', new DisconnectsClientError(), 'the client was disconnected; keep'],
    ['a client that gave up', new ReconnectStrategyError(new Error('a'), 'b'), 'has given up'],
    ['a cluster that is away', new RootNodesUnavailableError(), 'no node of the cluster'],
    ['a cluster that is away, by ioredis', new (ofIoRedis('ClusterAllFailedError'))('a', new Error('b')), 'no node of the cluster'], // prettier-ignore
    [
      'requests in vain, by ioredis',
      new (ofIoRedis('MaxRetriesPerRequestError'))(20),
      'has tried in vain',
    ],
  ])('is told in words for %s', (_what, error, words) => {
    expect(fault(error).message).toMatch(/^Redis could not do it: [^.]+\.$/);
    expect(fault(error).message).toContain(words);
    expect(fault(error).message).not.toContain('kind');
  });

  it('keeps an error that has its name already', () => {
    const error = new FlagsError('x', { code: 'closed' });
    expect(fault(error)).toBe(error);
  });
});
