/** Ports of this machine: one that nobody listens on, and whether somebody does. */
import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** Below those that systems give to who asks for any, so that no connection of anybody takes one. */
const FIRST_PORT = 20_000;
const PORTS_OF_A_WORKER = 2_000;

/**
 * A port of the loopback interface that is free at this moment, and stays so: also between two
 * lives of a server, and from the other workers of the run.
 * @returns {Promise<number>}
 */
export async function freePort() {
  const worker = Number(process.env['JEST_WORKER_ID'] ?? 0) % 6;
  for (;;) {
    const port = FIRST_PORT + worker * PORTS_OF_A_WORKER + randomInt(PORTS_OF_A_WORKER);
    if (await isFree(port)) return port;
  }
}

/** @param {number} port */
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * Whether somebody accepts connections there.
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>}
 */
export function isListening(port, host = '127.0.0.1') {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: 2_000 });
    const answer = (/** @type {boolean} */ value) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

/** No machine is so busy that what comes takes longer; what hangs is told then. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Tries every 25 ms until the check answers true.
 * @param {() => boolean | Promise<boolean>} check
 * @param {number} [limitMs] only for what is tried anew when it does not come
 * @returns {Promise<boolean>} false when the limit passed first
 */
export async function eventually(check, limitMs = LONGEST_WAIT_MS) {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
