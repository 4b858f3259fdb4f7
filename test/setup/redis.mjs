/**
 * A real Redis for the tests: `REDIS_URL` when it is set, else `redis-server` from the PATH on a
 * free port, in memory only, installed first where that is allowed. Never a substitute, and
 * never a silent skip.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, isListening } from './free-port.mjs';
import { redisServer } from './needed-programs.mjs';
import { plantedWord } from './planted-word.mjs';
import { requireProgram } from './programs.mjs';
import { startTethered } from './tethered-process.mjs';

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startRedis() {
  const given = process.env['REDIS_URL'];
  if (given) {
    const { hostname, port } = new URL(given);
    if (await isListening(Number(port || 6379), hostname))
      return { url: given, stop: async () => {} };
    throw new Error(
      `Nobody answers at the host and port of REDIS_URL (${hostname}:${port || 6379}).`,
    );
  }
  // Whoever comes without a name may do all, too: the secret is there to be kept, not to protect.
  const [user, password] = [`${plantedWord}-user`, `${plantedWord}-password`];
  const acl = ['--user', user, 'on', `>${password}`, '~*', '&*', '+@all'];
  const { url, stop } = await startRedisServer(await requireProgram(redisServer), acl);
  return { url: url.replace('//', `//${user}:${password}@`), stop };
}

/**
 * A server in memory, on a free port, which ends with this process.
 * @param {string} command
 * @param {readonly string[]} [settings] further arguments
 */
export async function startRedisServer(command, settings = []) {
  const folder = mkdtempSync(join(tmpdir(), 'flags-redis-'));
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = startTethered({ command, args: [...args, '--dir', folder, ...settings], folder });
  if (!(await eventually(() => isListening(port)))) {
    await server.stop();
    throw new Error(`redis-server did not start within 10 s:\n${server.output()}`);
  }
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop() };
}
