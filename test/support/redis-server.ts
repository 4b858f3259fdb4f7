/**
 * A Redis server of a test's own, to be hurt: frozen, killed, filled, emptied, demoted. It ends
 * with the process that started it, even when it is frozen then.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { eventually, freePort, isListening } from '../setup/free-port.mjs';
import { findProgram } from '../setup/programs.mjs';
import { startTethered } from '../setup/tethered-process.mjs';

export interface RedisServerSettings {
  /** Arguments as on the command line, e.g. `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[];
  /** @default a free one */
  readonly port?: number;
  /** A configuration file, line by line; the server may write to it, as Sentinel wants to. */
  readonly config?: readonly string[];
  /** An ACL file, line by line. */
  readonly users?: readonly string[];
  /** As whom `run` connects, e.g. `:password@`. @default nobody */
  readonly userInfo?: string;
}

export class RedisServer {
  private server: ReturnType<typeof startTethered> | undefined;
  private pid = 0;

  private constructor(
    readonly port: number,
    private readonly settings: RedisServerSettings,
  ) {}

  static async start(settings: RedisServerSettings = {}): Promise<RedisServer> {
    const server = new RedisServer(settings.port ?? (await freePort()), settings);
    await server.launch();
    return server;
  }

  /** @param userInfo e.g. `user:password@`. */
  url(userInfo = ''): string {
    return `redis://${userInfo}127.0.0.1:${this.port}/0`;
  }

  /** Starts the server again where it was, without what it knew. */
  async launch(): Promise<void> {
    const command = findProgram(['redis-server']);
    if (command === undefined) throw new Error('redis-server is not on the PATH');
    const folder = mkdtempSync(join(tmpdir(), 'flags-redis-'));
    const { args = [], config, users } = this.settings;
    const fixed = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    const pidFile = join(folder, 'pid');
    const file = config === undefined ? [] : [join(folder, 'redis.conf')];
    for (const path of file) writeFileSync(path, `${config?.join('\n')}\n`);
    const acl = users === undefined ? [] : ['--aclfile', join(folder, 'users.acl')];
    if (users !== undefined) writeFileSync(join(folder, 'users.acl'), `${users.join('\n')}\n`);
    this.server = startTethered({
      command,
      args: [...file, ...fixed, '--pidfile', pidFile, ...acl, ...args],
      folder,
      signal: 'KILL',
    });
    const hasStarted = async (): Promise<boolean> => {
      this.pid = pidIn(pidFile);
      return this.pid !== 0 && (await isListening(this.port));
    };
    if (await eventually(hasStarted)) return;
    await this.stop();
    throw new Error(`redis-server did not start:\n${this.server.output()}`);
  }

  /** Stops answering, as behind a broken switch; connections stay open. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  thaw(): void {
    this.signal('SIGCONT');
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.stop();
  }

  /** Runs commands over a connection of their own, and gives back the last reply. */
  async run(...commands: readonly string[][]): Promise<unknown> {
    const client = createClient({ url: this.url(this.settings.userInfo) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      let reply: unknown;
      for (const command of commands) reply = await client.sendCommand(command);
      return reply;
    } finally {
      await client.disconnect();
    }
  }

  async stop(): Promise<void> {
    await this.server?.stop();
  }

  private signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
    // A signal to the process 0 would go to this very test and all its kin.
    if (this.pid === 0) throw new Error('there is no server to send a signal to');
    process.kill(this.pid, signal);
  }
}

/** 0 until the whole number is written. */
function pidIn(file: string): number {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.endsWith('\n') ? Number(text) : 0;
}
