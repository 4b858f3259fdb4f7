/**
 * The fleet sample as a person starts it: three real instances, a real Redis that is stopped, a
 * leader that is killed. The story checks what it tells; here its end and its words are looked at.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { planted } from '../support/planted.js';
import { RedisServer } from '../support/redis-server.js';

const folder = resolve('sample/fleet');
const names = ['a', 'b', 'c'];

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const { REDIS_URL: _notThisOne, ...surroundings } = process.env;
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...surroundings, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  // The conductor's end is the end of all that it has started.
  stops.push(() => child.kill('SIGKILL'));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exitCode) => done({ exitCode, output }));
  });
}

function conduct(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> {
  return run(process.execPath, ['dist/conductor/main.js', ...args], env);
}

/** The names that stand where the groups of the pattern are; fails when the words are not there. */
function namesIn(output: string, pattern: RegExp): readonly string[] {
  const found = pattern.exec(output);
  expect(found).not.toBeNull();
  return found!.slice(1);
}

beforeAll(async () => {
  if (!existsSync('dist/esm/index.js') || !existsSync('node_modules/nestjs-feature-flags')) {
    throw new Error('The fleet runs on the built library: run `npm run build` first.');
  }
  const built = await run('npm', ['run', '--silent', 'build']);
  expect(built).toEqual({ exitCode: 0, output: expect.any(String) });
});

describe('the story of the fleet', () => {
  let own: Ended;
  let given: Ended;
  let closed: Ended;
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await RedisServer.start({ args: ['--requirepass', planted.password] });
    const on = (url: string) => conduct(['--story'], { REDIS_URL: url });
    [own, given, closed] = await Promise.all([
      conduct(['--story']),
      on(redis.url(`:${planted.password}@`)),
      on(redis.url()),
    ]);
  });

  afterAll(() => redis.stop());

  it('comes to its end, and what it tells is so', () => {
    const { exitCode, output } = own;
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    const told = output.slice(output.indexOf('The end.'));

    const [first] = namesIn(told, /(\w) downloaded the flags, once, and all three have them/);
    expect(names).toContain(first);
    expect(told.match(/all three had it: \/checkout answers 200, 200, 200/g)).toHaveLength(1);
    expect(told.match(/all three had it: \/checkout answers 404, 404, 404/g)).toHaveLength(1);

    const [killed, next] = namesIn(told, /is killed: (\w) led; (\w) took over/);
    expect(names).toEqual(expect.arrayContaining([killed, next]));
    expect(next).not.toBe(killed);
    const [ended, heir] = namesIn(told, /(\w) led and left in order, .* (\w) took over/);
    expect(names).toEqual(expect.arrayContaining([ended, heir]));
    expect(heir).not.toBe(ended);

    const [answered, asked] = namesIn(told, / (\d+) of (\d+) requests were answered as before/);
    expect(Number(asked)).toBeGreaterThan(0);
    expect(answered).toBe(asked);
    expect(told).toMatch(/\w laid the shared copy down again/);
  });

  it('shows the log of each instance under its name, without colours and without keys', () => {
    const { output } = own;
    for (const name of names) {
      expect(output).toMatch(new RegExp(`^ +\\d+\\.\\d \\[${name}\\] 3 flags loaded`, 'm'));
    }
    // One from PostHog; the others, and who starts again, from the shared copy.
    const loaded = output.match(/flags loaded from (?:http|the shared copy in redis):/g);
    expect(loaded?.filter((text) => text.includes('http'))).toHaveLength(1);
    expect(loaded?.length).toBeGreaterThanOrEqual(5);
    expect(output).not.toContain('\u001B');
    expect(output).not.toContain('phs_');
  });

  it('leaves a Redis alone that it was given', () => {
    const { exitCode, output } = given;
    expect(exitCode).toBe(0);
    expect(output).toContain('Redis was given by REDIS_URL: it was not stopped');
    expect(output).not.toContain(planted.password);
  });

  it('ends with an error when it is not so, as where Redis lets nobody in', () => {
    expect(closed.exitCode).toBe(1);
    expect(closed.output).toContain('It was not as the story says: the definitions came 0 times');
    expect(closed.output).not.toContain('The end.');
  });
});

describe('a fleet that cannot start', () => {
  it.each([
    ['there is no Redis anywhere', { PATH: '/nowhere' }, 'The fleet needs a Redis'],
    [
      'nobody answers at REDIS_URL',
      { REDIS_URL: `redis://:${planted.password}@127.0.0.1:1` },
      'Nobody answers',
    ],
  ])('says in one sentence that %s', async (_what, env, sentence) => {
    const { exitCode, output } = await conduct(['--story'], env);
    expect(exitCode).toBe(1);
    expect(output.trimEnd().split('\n')).toHaveLength(1);
    expect(output).toContain(sentence);
    expect(output).not.toContain(planted.password);
  });
});
