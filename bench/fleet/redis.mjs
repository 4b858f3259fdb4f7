/**
 * The Redis of a run: `REDIS_URL` when it is set, else a `redis-server` from the PATH of the
 * run's own, in memory, on a free port. It is asked for what it has spent; nothing is reset.
 */
import { createClient } from 'redis';
import { findProgram } from '../../test/setup/programs.mjs';
import { startRedisServer } from '../../test/setup/redis.mjs';

/**
 * @typedef {object} Spent
 * @property {number} cpuMs CPU time of the whole server
 * @property {number} scripts how many scripts have run
 * @property {number} scriptsMs CPU time of those scripts
 */

export class BenchRedis {
  /**
   * @param {string} url
   * @param {() => Promise<void>} stop
   * @param {import('redis').RedisClientType} client
   */
  constructor(url, stop, client) {
    this.url = url;
    this.stop = stop;
    this.client = client;
  }

  static async start() {
    const given = process.env['REDIS_URL'];
    const server = given ? { url: given, stop: async () => {} } : await startServer();
    /** @type {import('redis').RedisClientType} */
    const client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
    return new BenchRedis(server.url, server.stop, client);
  }

  async version() {
    return field(await this.client.info('server'), 'redis_version');
  }

  /** @returns {Promise<Spent>} */
  async spent() {
    const [cpu, commands] = [await this.client.info('cpu'), await this.client.info('commandstats')];
    const seconds =
      Number(field(cpu, 'used_cpu_user_main_thread')) +
      Number(field(cpu, 'used_cpu_sys_main_thread'));
    const scripts = ['evalsha', 'eval'].map((name) => field(commands, `cmdstat_${name}`));
    return {
      cpuMs: seconds * 1_000,
      scripts: sum(scripts.map((line) => part(line, 'calls'))),
      scriptsMs: sum(scripts.map((line) => part(line, 'usec'))) / 1_000,
    };
  }

  /**
   * Removes what a fleet has left, for a server that is not the run's own.
   * @param {string} key
   */
  async forget(key) {
    for await (const found of this.client.scanIterator({ MATCH: `*${key}*`, COUNT: 1_000 })) {
      await this.client.del(found);
    }
  }

  async close() {
    await this.client.disconnect();
    await this.stop();
  }
}

function startServer() {
  const command = findProgram(['redis-server']);
  if (command === undefined) {
    throw new Error(
      'There is no redis-server on the PATH and no REDIS_URL. Install Redis, or name a server whose data may be lost.',
    );
  }
  return startRedisServer(command);
}

/**
 * @param {string} info
 * @param {string} name
 */
function field(info, name) {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

/**
 * @param {string} line
 * @param {string} name
 */
function part(line, name) {
  return Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1] ?? 0);
}

/** @param {readonly number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
