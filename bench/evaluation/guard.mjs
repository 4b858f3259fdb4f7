/**
 * What a `@FeatureFlag()` guard adds to a request beside an empty guard. The figures are CPU time of
 * the server's process alone, the kernel's part included, and by the profiler the time in the calls of
 * the guards; the client is this process. The two apps
 * run in one process and are asked in turn, there and back, so that what else the machine does, and
 * what V8 has made of the code in this process, hits both alike. Then all that again in a new one.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

const server = fileURLToPath(new URL('guard-server.mjs', import.meta.url));
const connections = 8;
/** Sent together: else what the kernel takes for each packet hides what the guard takes. */
const together = 50;
const question = 'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n';

/** @typedef {{ readonly empty: number, readonly flag?: number }} Ports */

/**
 * @param {string} platform
 * @param {{ readonly processes: number, readonly rounds: number, readonly requests: number }} plan
 * @returns {Promise<Record<string, number>>} µs for one request, by the median of all rounds, or of the processes
 */
export async function compareGuards(platform, { processes, rounds, requests }) {
  /** @type {Record<'without' | 'empty' | 'flag' | 'more' | 'emptyCall' | 'flagCall', number[]>} */
  const all = { without: [], empty: [], flag: [], more: [], emptyCall: [], flagCall: [] };
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
    const watched = requests * Math.ceil(rounds / 2);
    all.emptyCall.push(await withModule.guardCalls(empty, watched));
    all.flagCall.push(await withModule.guardCalls(flag, watched));
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
  /** @param {'cpu' | 'watch' | 'watched'} question */
  const answerTo = async (question) => {
    child.send(question);
    return (await once(child, 'message'))[0].answer;
  };
  const cpuUs = async () => {
    const { user, system } = await answerTo('cpu');
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
    /** µs in Nest's call of the guards, for one of many requests. @param {number} port @param {number} count */
    guardCalls: async (port, count) => {
      await answerTo('watch');
      await ask(port, count);
      return (await answerTo('watched')) / count;
    },
  };
}

/** @param {number} port @param {number} count */
function ask(port, count) {
  const each = count / connections;
  return Promise.all(Array.from({ length: connections }, () => askOnOne(port, each)));
}

/** On one connection, always so many at once. @param {number} port @param {number} count @returns {Promise<void>} */
function askOnOne(port, count) {
  let [left, awaited] = [count, 0];
  return new Promise((resolve, reject) => {
    const send = () => {
      awaited = Math.min(together, left);
      left -= awaited;
      return awaited === 0 ? socket.end(resolve) : socket.write(question.repeat(awaited));
    };
    const socket = connect(port, '127.0.0.1', send);
    socket.setNoDelay(true).setEncoding('latin1').on('error', reject);
    socket.on('close', () => reject(new Error('The server has closed the connection.')));
    let text = '';
    socket.on('data', (data) => {
      text += data;
      // Each answer ends in its body.
      const answers = text.split('\r\n\r\nok');
      text = answers.pop() ?? '';
      const good = 'HTTP/1.1 200';
      const bad = [...answers, text.padEnd(good.length)].find((answer) => !answer.startsWith(good));
      if (bad !== undefined && bad.trim().length >= good.length) reject(new Error(bad));
      awaited -= answers.length;
      if (awaited === 0) send();
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
