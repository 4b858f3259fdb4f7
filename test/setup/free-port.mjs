/** Ports of this machine: one that nobody listens on, and whether somebody does. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** @returns {Promise<number>} a port of the loopback interface that is free at this moment */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('the loopback gave no port');
  return address.port;
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

/**
 * Tries every 25 ms until the check answers true.
 * @param {() => boolean | Promise<boolean>} check
 * @param {number} limitMs
 * @returns {Promise<boolean>} false when the limit passed first
 */
export async function eventually(check, limitMs) {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (await check()) return true;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return false;
}
