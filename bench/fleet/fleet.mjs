/**
 * A fleet of one system: its processes, its stub of PostHog, its gate before Redis, and what its
 * instances have evaluated when.
 */
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { RedisGate } from './gate.mjs';
import { PostHogStub } from './stub.mjs';

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/**
 * @typedef {object} FleetSettings
 * @property {import('./systems.mjs').System} system
 * @property {number} size
 * @property {number} processes
 * @property {import('./systems.mjs').Times} times
 * @property {import('./redis.mjs').BenchRedis} redis
 */

const workerFile = fileURLToPath(new URL('worker.mjs', import.meta.url));

export class Fleet {
  /** By content: at what instant each instance first evaluated it. @type {Map<string, Map<string, number>>} */
  evaluated = new Map();
  /** @type {{ child: ChildProcess, names: string[] }[]} */
  #workers = [];
  #key = `bench-${randomUUID()}`;
  #complaints = '';
  /** @type {Set<() => void>} */
  #watchers = new Set();

  /**
   * @param {FleetSettings} settings
   * @param {PostHogStub} stub
   * @param {RedisGate} gate
   */
  constructor(settings, stub, gate) {
    this.settings = settings;
    this.stub = stub;
    this.gate = gate;
    stub.on('fetch', () => this.#news());
  }

  /**
   * Starts the processes; the instances wait for {@link Fleet.start}.
   * @param {FleetSettings} settings
   */
  static async prepare(settings) {
    const gate = await RedisGate.before(settings.redis.url);
    const fleet = new Fleet(settings, await PostHogStub.start(), gate);
    const { size, processes, system } = settings;
    for (let process = 0; process < processes; process += 1) {
      const names = namesOf(size, processes, process);
      fleet.#workers.push({ child: fleet.#spawn(), names });
    }
    await Promise.all(fleet.#workers.map(({ child }) => prepared(child, system)));
    return fleet;
  }

  /** All instances at once. */
  start() {
    const { system, times } = this.settings;
    const shared = { system, times, host: this.stub.host, redisUrl: this.gate.url, key: this.#key };
    for (const { child, names } of this.#workers) {
      child.send({ type: 'start', settings: names.map((name) => ({ ...shared, name })) });
    }
  }

  /** Starts, and waits until every instance evaluates what the stub serves. */
  async startAndLoad() {
    this.start();
    await this.until(() => this.evaluated.get(this.stub.content)?.size === this.settings.size);
  }

  /**
   * Waits for what instances or the stub tell.
   * @param {() => boolean} isDone
   * @param {number} [limitMs]
   * @returns {Promise<void>}
   */
  until(isDone, limitMs = 60_000) {
    const { system, size } = this.settings;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => end(false), limitMs);
      const look = () => void (isDone() && end(true));
      const end = (/** @type {boolean} */ isInTime) => {
        clearTimeout(limit);
        this.#watchers.delete(look);
        if (isInTime) resolve();
        else reject(new Error(`${size} of ${system}: late by ${limitMs} ms.\n${this.#complaints}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /**
   * Ends the process that holds this instance.
   * @param {string} name
   * @param {'SIGKILL' | 'SIGTERM'} signal
   * @returns {readonly string[]} the instances that were in it
   */
  end(name, signal) {
    const worker = this.#workers.find(({ names }) => names.includes(name));
    worker?.child.kill(signal);
    return worker?.names ?? [];
  }

  async close() {
    await Promise.all(this.#workers.map(({ child }) => closed(child)));
    await Promise.all([this.gate.shut(), this.stub.close()]);
    await this.settings.redis.forget(this.#key);
  }

  /** @param {readonly { name: string, content: string, atMs: number }[]} all */
  #take(all) {
    for (const { name, content, atMs } of all) {
      const instants = this.evaluated.get(content) ?? new Map();
      this.evaluated.set(content, instants);
      if (!instants.has(name)) instants.set(name, atMs);
    }
    this.#news();
  }

  #news() {
    for (const look of this.#watchers) look();
  }

  #spawn() {
    const child = fork(workerFile, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      this.#complaints = (this.#complaints + text).slice(-2_000);
    });
    child.on('message', (/** @type {any} */ { type, all }) => {
      if (type === 'evaluated') this.#take(all);
    });
    return child;
  }
}

/**
 * @param {number} size
 * @param {number} processes
 * @param {number} process
 */
function namesOf(size, processes, process) {
  const all = Array.from({ length: size }, (_, index) => `instance-${index}`);
  return all.filter((_, index) => index % processes === process);
}

/**
 * @param {ChildProcess} child
 * @param {import('./systems.mjs').System} system
 */
async function prepared(child, system) {
  const answer = once(child, 'message');
  const end = once(child, 'exit').then(() => Promise.reject(new Error('A worker did not start.')));
  child.send({ type: 'prepare', system });
  await Promise.race([answer, end]);
}

/** @param {ChildProcess} child */
async function closed(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.send({ type: 'close' });
  const limit = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await exit;
  clearTimeout(limit);
}
