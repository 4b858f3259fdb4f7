/**
 * Apps in threads of one process that share a memory: Nest apps and clients of posthog-node, as
 * users have them. One fetches for all, and all see what has changed.
 */
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSharedMemory } from '../../lib/caches-shared-memory.js';
import type { SharedMemory } from '../../lib/caches-shared-memory.js';
import { eventually } from '../setup/free-port.mjs';
import { DefinitionsServer } from '../support/definitions-server.js';
import { documentOf } from '../support/scripted-source.js';
import { Threads, nextOf } from './shared-memory/threads.js';

const rarely = { intervalMs: 600_000, checkMs: 1_000 };
let memory: SharedMemory;
let server: DefinitionsServer;
let threads: Threads;

beforeEach(async () => {
  memory = createSharedMemory();
  threads = new Threads('app-thread.mjs');
  server = await new DefinitionsServer({ definitions: documentOf(['a']) }).start();
});

afterEach(async () => {
  await threads.close();
  await server.close();
  expect(threads.errors).toEqual([]);
});

async function start(kind: 'nest' | 'posthog-node', times: object = rarely, given = memory) {
  const { host, projectApiKey, secretKey } = server;
  const facts = { host, projectApiKey, secretKey };
  const worker = threads.start({ kind, memory: given, server: facts, times });
  return { worker, told: await nextOf(worker) };
}

async function startAll(count: number, times: object = rarely): Promise<Worker[]> {
  const started = Array.from({ length: count }, () => start('nest', times));
  return (await Promise.all(started)).map(({ worker, told }) => {
    expect(told).toEqual({ started: true });
    return worker;
  });
}

async function ask(worker: Worker, question: string, key?: string): Promise<unknown> {
  const next = nextOf(worker);
  worker.postMessage({ ask: question, key });
  return (await next)['answer'];
}

async function areOn(workers: readonly Worker[], key: string): Promise<boolean> {
  const answers = await Promise.all(workers.map((worker) => ask(worker, 'isOn', key)));
  return answers.every((answer) => answer === true);
}

const fetches = (): number => server.requests.filter(({ method }) => method === 'GET').length;

describe('four Nest apps in threads', () => {
  it('have their flags from one fetch, and see a change by another', async () => {
    const apps = await startAll(4);
    await Promise.all(apps.map((app) => ask(app, 'isReady')));
    expect(await areOn(apps, 'a')).toBe(true);
    expect(fetches()).toBe(1);

    server.definitions = documentOf(['a', 'b']);
    await ask(apps[2]!, 'refresh');
    expect(await eventually(() => areOn(apps, 'b'))).toBe(true);
    expect(fetches()).toBe(2);
    await Promise.all(apps.map((app) => ask(app, 'close')));
  });

  it('say in one line each where they share, and that other processes do not, and warn of nothing', async () => {
    const apps = await startAll(4);
    await Promise.all(apps.map((app) => ask(app, 'isReady')));
    const lines = (await Promise.all(apps.map((app) => ask(app, 'lines')))) as string[][];
    const firsts = lines.map(([first = '']) => first);
    for (const first of firsts) {
      expect(first).toMatch(
        /^log: Definitions are to be shared through the memory that the threads of this process share \(key \w+\): one instance fetches for all, changes are pushed\. Other processes have no part in it\. This instance is [\w-]+\.$/,
      );
    }
    expect(new Set(firsts).size).toBe(4);
    expect(lines.flat().filter((line) => !line.startsWith('log: '))).toEqual([]);
  });

  it('go on when the one that fetched is terminated', async () => {
    const [first, ...others] = await startAll(4, { intervalMs: 500, checkMs: 100 });
    await Promise.all([first!, ...others].map((app) => ask(app, 'isReady')));
    await first!.terminate();
    server.definitions = documentOf(['a', 'c']);
    expect(await eventually(() => areOn(others, 'c'))).toBe(true);
  });

  it('do not start with a memory that was sent as JSON', async () => {
    const asJson = JSON.parse(JSON.stringify(memory)) as SharedMemory;
    const { told } = await start('nest', rarely, asJson);
    expect(told['refused']).toMatch(/cache: sharedMemoryCache got a memory without its bytes/);
  });
});

describe('clients of posthog-node in threads', () => {
  it('share with a Nest app, and among each other', async () => {
    const times = { ...rarely, pollMs: 500 };
    const [app] = await startAll(1);
    await ask(app!, 'isReady');
    expect(fetches()).toBe(1);
    const clients = await Promise.all([start('posthog-node', times), start('posthog-node', times)]);
    const all = [app!, ...clients.map(({ worker }) => worker)];
    expect(await eventually(() => areOn(all, 'a'))).toBe(true);

    server.definitions = documentOf(['a', 'b']);
    await ask(app!, 'refresh');
    expect(await eventually(() => areOn(all, 'b'))).toBe(true);
    expect(fetches()).toBe(2);
    for (const { worker } of clients) expect(await ask(worker, 'lines')).toEqual([]);
    await Promise.all(all.map((worker) => ask(worker, 'close')));
  });
});
