/**
 * The Redis of the fleet: `redis-server` from the PATH on a free port, which can be stopped and
 * started here, or the one at REDIS_URL, which cannot: it may be somebody's.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { createServer, connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { once } from 'node:events';
import { Complaint } from './complaint.js';

export interface FleetRedis {
  readonly url: string;
  /** What to call it in the log; never a password. */
  readonly place: string;
  /** Undefined for one that is not ours to stop. */
  readonly power: RedisPower | undefined;
}

export interface RedisPower {
  readonly isOn: boolean;
  /** Starts it, with nothing in it. */
  start(): Promise<void>;
  /** Ends it at once, as a machine that fails does. */
  stop(): Promise<void>;
}

const FIRST_PORT = 15_000;
const PORTS = 5_000;
const PORT_TRIES = 100;
/** Every 25 ms. */
const START_TRIES = 1_200;

const missing =
  'The fleet needs a Redis, but there is no redis-server on the PATH and REDIS_URL is not set: install one (apt-get install redis-server, or brew install redis), or run `docker compose -f sample/fleet/docker-compose.yml up -d redis` and then `REDIS_URL=redis://localhost:6379 npm run fleet`.';

/** @throws Complaint when there is none. */
export async function findRedis(given: string | undefined): Promise<FleetRedis> {
  if (given) return givenRedis(given);
  if (!isOnPath('redis-server')) throw new Complaint(missing);
  const port = await freePort();
  const power = new OwnRedis(port);
  await power.start();
  return { url: `redis://127.0.0.1:${port}`, place: `port ${port}`, power };
}

async function givenRedis(url: string): Promise<FleetRedis> {
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '' };
  const place = `${hostname}:${port || 6379}`;
  if (hostname !== '' && (await isListening(Number(port || 6379), hostname))) {
    return { url, place, power: undefined };
  }
  throw new Complaint(
    `Nobody answers at the host and port of REDIS_URL (${place}): start that Redis, or leave REDIS_URL out to use redis-server from the PATH.`,
  );
}

/**
 * Tethered by a pipe: when this process ends, however it ends, the shell sees the pipe close and
 * ends the server.
 */
class OwnRedis implements RedisPower {
  private shell: ChildProcess | undefined;

  constructor(private readonly port: number) {}

  get isOn(): boolean {
    return this.shell !== undefined;
  }

  async start(): Promise<void> {
    const server = ['redis-server', '--port', `${this.port}`, '--bind', '127.0.0.1', '--save', ''];
    const tether = '"$@" >/dev/null 2>&1 & cat >/dev/null; kill -9 $!';
    this.shell = spawn('/bin/sh', ['-c', tether, 'tether', ...server], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Out of reach of a Ctrl-C, which is for the conductor to act upon.
      detached: true,
    });
    for (let tries = 0; tries < START_TRIES; tries += 1) {
      if (await isListening(this.port)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Complaint(`redis-server did not start on port ${this.port} within half a minute.`);
  }

  async stop(): Promise<void> {
    const { shell } = this;
    if (shell === undefined) return;
    this.shell = undefined;
    const ended = once(shell, 'exit');
    shell.stdin?.end();
    await ended;
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** One that stays free while Redis is stopped: few systems give such a port to who asks for any. */
async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, FIRST_PORT + PORTS);
    if (await isFree(port)) return port;
  }
  throw new Complaint(`No port from ${FIRST_PORT} on could be opened on 127.0.0.1.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function isListening(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 2_000 });
    const answer = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}
