/**
 * A real PostgreSQL for the suites that ask for it: `DATABASE_URL` when it is set, else a new
 * cluster in a temporary folder on a free port, without durability. The server refuses to run
 * as root, so under root it runs as `postgres`, or as `nobody`.
 */
import { execFile } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, freePort } from './free-port.mjs';
import * as needed from './needed-programs.mjs';
import { requireProgram } from './programs.mjs';
import { startTethered } from './tethered-process.mjs';

const run = promisify(execFile);

/**
 * Starts the server; takes about two seconds.
 * @returns {Promise<{ url: string, psql: string, stop: () => Promise<void> }>}
 */
export async function startPostgres() {
  const given = process.env['DATABASE_URL'];
  const psql = await requireProgram(needed.psql);
  if (given) return { url: given, psql, stop: async () => {} };
  const initdb = await requireProgram(needed.initdb);
  const postgres = await requireProgram(needed.postgres);
  const folder = mkdtempSync(join(tmpdir(), 'flags-postgres-'));
  const user = serverUser();
  try {
    if (user) chownSync(folder, user.uid, user.gid);
    const layout = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust'];
    const locale = ['-E', 'UTF8', '--locale=C', '--no-sync'];
    await run(initdb, [...layout, ...locale], { cwd: folder, ...user });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return serve({ postgres, psql, folder, user });
}

/** @param {{ postgres: string, psql: string, folder: string, user: ReturnType<typeof serverUser> }} parts */
async function serve({ postgres, psql, folder, user }) {
  const port = await freePort();
  const place = ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', `${port}`, '-k', folder];
  // No disk is waited for; but what was acknowledged outlives a server that is killed.
  const fast = ['-F', '-c', 'full_page_writes=off'];
  // INT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
  const settings = { command: postgres, args: [...place, ...fast], folder, user };
  const server = startTethered({ ...settings, signal: 'INT' });
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const answers = () =>
    run(psql, [url, '-tAc', 'SELECT 1']).then(
      () => true,
      () => false,
    );
  if (await eventually(answers)) return { url, psql, stop: () => server.stop() };
  await server.stop();
  throw new Error(`PostgreSQL did not start within 20 s:\n${server.output()}`);
}

/** Whom to run a server as; undefined for "as I am". */
export function serverUser() {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is no account postgres or nobody.');
}
