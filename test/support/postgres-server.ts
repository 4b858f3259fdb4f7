/**
 * A PostgreSQL of a test's own, to be hurt: frozen, killed, locked, emptied. It ends with the
 * process that started it, even when it is frozen then. Its administrator comes over the socket of
 * the machine, without a password; who comes over TCP needs one.
 */
import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { eventually, freePort } from '../setup/free-port.mjs';
import * as needed from '../setup/needed-programs.mjs';
import { serverUser } from '../setup/postgres.mjs';
import { propertyOf } from '../../lib/core/given/given-value.js';
import { requireProgram } from '../setup/programs.mjs';
import { startTethered } from '../setup/tethered-process.mjs';

const run = promisify(execFile);

/**
 * What asks the server to end kills it, and those of its processes that are frozen; the others go
 * when it is gone. What it prints goes to a file, whole messages at a time.
 */
const killable = `
log=$1; frozen=$2; shift 2
"$@" 2>>"$log" &
server=$!
trap 'kill -KILL "$server" $(cat "$frozen") 2>/dev/null' TERM
wait "$server"
wait "$server" # the first may have ended with the signal; unburied, it would be taken for alive
`;

export interface PostgresServerSettings {
  /** Arguments as on the command line, e.g. `['-c', 'log_min_duration_statement=0']`. */
  readonly args?: readonly string[];
}

export class PostgresServer {
  private server: ReturnType<typeof startTethered> | undefined;
  /** Those that are stopped. */
  private frozen: readonly number[] = [];

  private constructor(
    readonly port: number,
    private readonly program: string,
    private readonly folder: string,
    private readonly settings: PostgresServerSettings,
  ) {}

  /** Takes about two seconds. */
  static async start(settings: PostgresServerSettings = {}): Promise<PostgresServer> {
    const [initdb, program] = [await requireProgram(needed.initdb), await requireProgram(needed.postgres)]; // prettier-ignore
    const folder = ownFolder();
    const layout = ['-D', join(folder, 'data'), '-U', 'postgres', '-E', 'UTF8', '--locale=C'];
    const access = ['--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'];
    await run(initdb, [...layout, ...access], { cwd: folder, ...serverUser() });
    const server = new PostgresServer(await freePort(), program, folder, settings);
    await server.launch();
    return server;
  }

  /**
   * A hot standby of this server, as it is after a moment: it follows, can be read, and takes no
   * writes until it is promoted.
   */
  async startStandby(): Promise<PostgresServer> {
    const [copy, folder] = [await requireProgram(needed.pgBasebackup), ownFolder()];
    const from = ['-h', this.folder, '-p', `${this.port}`, '-U', 'postgres'];
    const into = ['-D', join(folder, 'data'), '--write-recovery-conf', '--checkpoint=fast'];
    await run(copy, [...from, ...into, '--no-sync'], { cwd: folder, ...serverUser() });
    const standby = new PostgresServer(await freePort(), this.program, folder, this.settings);
    await standby.launch();
    return standby;
  }

  /** What it has printed since it was made, through all its lives. */
  get logFile(): string {
    return join(this.folder, 'log');
  }

  /** Starts the server where it was, with what it kept. */
  async launch(): Promise<void> {
    const { folder, port, program } = this;
    const place = ['-D', join(folder, 'data'), '-h', '127.0.0.1', '-p', `${port}`, '-k', folder];
    const fast = '-F -c full_page_writes=off -c shared_buffers=16MB -c max_connections=300';
    const args = [...place, ...fast.split(' '), ...(this.settings.args ?? [])];
    const user = serverUser();
    const answers = (): Promise<boolean> => this.run('SELECT 1').then(() => true, () => false); // prettier-ignore
    writeFileSync(this.frozenFile, '');
    this.server = startTethered({
      command: '/bin/sh',
      args: ['-c', killable, 'killable', this.logFile, this.frozenFile, program, ...args],
      folder: ownFolder(),
      ...(user === undefined ? {} : { user }),
    });
    if (await eventually(answers)) return;
    const last = readFileSync(this.logFile, 'utf8').slice(-4_000);
    await this.stop();
    throw new Error(`PostgreSQL did not start:\n${last}`);
  }

  /** Stops answering, as behind a broken switch; connections stay open. */
  async freeze(): Promise<void> {
    const client = await this.connect();
    // First who makes new processes, so that the list is whole.
    const pids = [this.pid];
    process.kill(this.pid, 'SIGSTOP');
    const { rows } = await client.query<{ readonly pid: number }>('SELECT pid FROM pg_stat_activity'); // prettier-ignore
    // A process that asks somebody for the password is not in the list.
    pids.push(...new Set([...rows.map(({ pid }) => pid), ...childrenOf(this.pid)]));
    writeFileSync(this.frozenFile, pids.join(' '));
    for (const pid of pids) signal(pid, 'SIGSTOP');
    this.frozen = pids;
    void client.end();
  }

  async thaw(): Promise<void> {
    for (const pid of this.frozen) signal(pid, 'SIGCONT');
    this.frozen = [];
    writeFileSync(this.frozenFile, '');
  }

  /** `kill -9` of all its processes at one moment. */
  async kill(): Promise<void> {
    if (this.frozen.length === 0) await this.freeze();
    await this.server?.stop();
    for (const pid of this.frozen) await eventually(() => isGone(pid));
    this.frozen = [];
  }

  /** Runs one statement as the administrator. */
  async run(text: string, database = 'postgres'): Promise<readonly Record<string, unknown>[]> {
    const client = await this.connect(database);
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** A session of the administrator. Its errors are for those who ask it something. */
  async connect(database = 'postgres'): Promise<pg.Client> {
    const { folder: host, port } = this;
    const client = new pg.Client({ host, port, user: 'postgres', database });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  /** Ends it, frozen or not, and removes what it kept. */
  async stop(): Promise<void> {
    await this.server?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get frozenFile(): string {
    return join(this.folder, 'frozen');
  }

  /** Of the process that all others are children of. */
  private get pid(): number {
    const file = join(this.folder, 'data', 'postmaster.pid');
    const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0;
    // A signal to the process 0 would go to this very test and all its kin.
    if (!(pid > 0)) throw new Error('there is no server to send a signal to');
    return pid;
  }
}

/** A folder that the server may write to. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'flags-postgres-'));
  const user = serverUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** As far as the system tells. */
function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return text === '' ? [] : text.split(' ').map(Number);
}

/** To a process that may be gone by now. */
function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is.
  }
}

/** Also when it is dead and nobody has buried it yet, which some machines take a second for. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    // Where there is no such file, the signal has found it alive; or it has gone in between.
    return propertyOf(error, 'code') === 'ESRCH';
  }
}
