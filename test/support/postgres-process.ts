/** A process of its own with the built package, that looks at a cache in PostgreSQL when told to. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export interface ToldReply {
  readonly instance: string;
  readonly verdict: string;
  readonly token: number;
}

const script = `
import { randomUUID } from 'node:crypto';
import { postgresCache } from 'nestjs-feature-flags/caches/postgres';
const clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
const { URL_OF_DATABASE: url, KEY: key } = process.env;
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock };
const stores = await Promise.all(
  [1, 2, 3].map(() => postgresCache(url, { key, push: false }).open(settings)),
);
const request = { revision: 0, digest: undefined, token: 0, floor: 0, kick: true, graceMs: 0,
  sitOutMs: 0, leaseMs: 12_000, longestDueMs: 1_200_000, shortestGapMs: 0, memberTtlMs: 60_000,
  ageMs: undefined };
process.on('message', async (count) => {
  const checks = Array.from({ length: count }, async (_, i) => {
    const instance = randomUUID();
    const { verdict, token } = await stores[i % 3].claims.check({ ...request, instance });
    return { instance, verdict, token };
  });
  process.send(await Promise.all(checks));
});
await stores[0].readHead();
process.send('ready');
`;

export class PostgresProcess {
  private constructor(private readonly child: ChildProcess) {}

  static async start(url: string, key: string): Promise<PostgresProcess> {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: resolve('.'),
      env: { ...process.env, URL_OF_DATABASE: url, KEY: key },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await answerOf(child);
    return new PostgresProcess(child);
  }

  async checkAtOnce(count: number): Promise<readonly ToldReply[]> {
    const answer = answerOf(this.child);
    this.child.send(count);
    return (await answer) as readonly ToldReply[];
  }

  /** Resolves when it has ended by itself, since nothing holds it up any more. */
  async end(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process has ended before it answered');
  });
  const [message] = await Promise.race([once(child, 'message') as Promise<unknown[]>, ended]);
  ended.catch(() => undefined);
  return message;
}
