/** The URL of a Redis, and that it is never repeated. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseRedisUrl } from '../../lib/caches/redis/redis-url.js';
import { openRedis } from '../../lib/caches/redis/open-redis.js';
import { isFlagsError } from '../../lib/core/errors/flags-error.js';

describe('a Redis URL', () => {
  it.each([
    ['redis://localhost', { host: 'localhost', port: 6379, tls: false, database: 0 }],
    ['redis://cache:6380/3', { host: 'cache', port: 6380, database: 3 }],
    ['redis://cache/?key=my-service', { database: 0, description: 'redis://cache:6379/0' }],
    ['rediss://cache', { tls: true, description: 'rediss://cache:6379/0' }],
    ['redis://[::1]:7000', { host: '::1', description: 'redis://[::1]:7000/0' }],
    ['redis://app:s3%40%2F@cache', { username: 'app', password: 's3@/' }],
    ['redis://:only@cache', { username: undefined, password: 'only' }],
    ['redis://cache', { username: undefined, password: undefined }],
  ])('%s is taken apart', (url, parts) => {
    expect(parseRedisUrl(url)).toMatchObject(parts);
  });

  it.each([
    'localhost:6379',
    'http://s3cret@localhost',
    'redis:///0',
    'redis://cache/s3cret',
    'redis://cache/1/2',
    'redis://app:s3cret%zz@cache',
    'redis://app:s3cret/@cache:port',
    '',
  ])('%p is refused without being repeated', (url) => {
    const error = caught(() => parseRedisUrl(url));
    expect(error).toMatchObject({ code: 'invalid-options' });
    expect(inspect(error, { showHidden: true })).not.toMatch(/s3cret/);
  });

  it.each(['redis://cache/s3cret', 'redis://cache/1/2', 'rediss://app:s3cret@cache:6380/zero'])(
    '%p: that the database is no number is said, and nothing of the rest',
    (url) => {
      const told = String(caught(() => parseRedisUrl(url)));
      expect(told).toMatch(/database .* no number.*redis:\/\/host:6379\/0.*\?key=/);
      expect(told).not.toMatch(/s3cret|zero|cannot be read/);
    },
  );

  it('never has its password in a description or an error', () => {
    const password = fc.string({ minLength: 4 }).map((text) => `~${text}~`);
    fc.assert(
      fc.property(password, fc.constantFrom('cache', 'cache:99999', ''), (secret, host) => {
        const url = `redis://app:${encodeURIComponent(secret)}@${host}/0`;
        const error = caught(() => expect(parseRedisUrl(url).description).not.toContain(secret));
        expect(error === undefined || isFlagsError(error)).toBe(true);
        expect(inspect(error, { showHidden: true })).not.toContain(secret);
      }),
    );
  });

  it('of the kind rediss: is spoken to in TLS only', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const { commands } = openRedis(`rediss://app:secret@127.0.0.1:${port}`);
    const [socket] = (await once(server, 'connection')) as [import('node:net').Socket];
    const [first] = (await once(socket, 'data')) as [Buffer];
    // A handshake of TLS begins with 22 and its version.
    expect([first[0], first[1]]).toEqual([22, 3]);
    expect(first.includes('secret')).toBe(false);
    commands.close();
    socket.destroy();
    server.close();
  });
});

function caught(work: () => void): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
