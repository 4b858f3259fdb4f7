/**
 * What a `@FeatureFlag()` guard adds to a request beside an empty guard. The figures are CPU time of
 * the server's process alone, the kernel's part included; the client is this process. The two apps
 * run in one process and are asked in turn, there and back, so that what else the machine does, and
 * what V8 has made of the code in this process, hits both alike. Then all that again in a new one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('guard-server.mjs', import.meta.url));
const connections = 8;
const question = 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n';

/** @typedef {{ readonly empty: number, readonly flag?: number }} Ports */

/**
 * @param {string} platform
 * @param {{ readonly processes: number, readonly rounds: number, readonly requests: number }} plan
 * @returns {Promise<Record<string, number>>} µs of CPU for one request, by the median of all rounds
 */
export async function compareGuards(platform, { processes, rounds, requests }) {
  /** @type {{ without: number[], empty: number[], flag: number[], more: number[] }} */
  const all = { without: [], empty: [], flag: [], more: [] };
  for (let number = 0; number < processes; number += 1) {
    const withModule = await serve(platform, 'with');
    const without = await serve(platform, 'without');
    const { empty, flag = 0 } = withModule.ports;
    const askEmpty = () => withModule.cost(empty, requests);
    const askFlag = () => withModule.cost(flag, requests);
    const askWithout = () => without.cost(without.ports.empty, requests);
    for (let round = 0; round < 8; round += 1) {
      for (const ask of [askWithout, askEmpty, askFlag]) await ask();
    }
    for (let round = 0; round < rounds; round += 1) {
      const costs = [await askEmpty(), await askFlag(), await askFlag(), await askEmpty()];
      const [emptyUs, flagUs] = [mean(costs[0], costs[3]), mean(costs[1], costs[2])];
      all.without.push(await askWithout());
      all.empty.push(emptyUs);
      all.flag.push(flagUs);
      all.more.push(flagUs - emptyUs);
    }
    withModule.end();
    without.end();
  }
  return {
    ...Object.fromEntries(
      Object.entries(all).map(([name, values]) => [name, quantile(values, 0.5)]),
    ),
    moreLow: quantile(all.more, 0.25),
    moreHigh: quantile(all.more, 0.75),
  };
}

/** @param {string} platform @param {'with' | 'without'} module */
async function serve(platform, module) {
  const child = fork(server, [platform, module]);
  const [ports] = /** @type {[Ports]} */ (await once(child, 'message'));
  const cpuUs = async () => {
    child.send('cpu');
    const [{ user, system }] = await once(child, 'message');
    return user + system;
  };
  return {
    ports,
    end: () => child.kill(),
    /** µs for one of many requests. @param {number} port @param {number} count */
    cost: async (port, count) => {
      const before = await cpuUs();
      await ask(port, count);
      return ((await cpuUs()) - before) / count;
    },
  };
}

/** @param {number} port @param {number} count */
function ask(port, count) {
  const each = count / connections;
  return Promise.all(Array.from({ length: connections }, () => askOnOne(port, each)));
}

/** One question after the other on one connection. @param {number} port @param {number} count @returns {Promise<void>} */
function askOnOne(port, count) {
  let left = count;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(question));
    socket.setNoDelay(true).setEncoding('latin1').on('error', reject);
    // Each answer comes in one piece: it is short.
    socket.on('data', (answer) => {
      if (!String(answer).startsWith('HTTP/1.1 200')) reject(new Error(String(answer)));
      left -= 1;
      if (left > 0) socket.write(question);
      else socket.end(resolve);
    });
  });
}

/** @param {number | undefined} a @param {number | undefined} b */
function mean(a = Number.NaN, b = Number.NaN) {
  return (a + b) / 2;
}

/** @param {readonly number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
}
