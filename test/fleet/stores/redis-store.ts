/** A Redis for a fleet: it writes to disk, asks for a password, and is monitored. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../../setup/free-port.mjs';
import { RedisServer } from '../../support/redis-server.js';
import { secrets } from '../secrets.js';
import type { FleetStore, StoreListener } from './fleet-store.js';
import { RedisMonitor, type ExecutedCommand } from './redis-monitor.js';
import { RedisWitness } from './redis-witness.js';
import type { CommandMark } from './store-proxy.js';

/** Who can still change the password when it is another. */
const admin = { name: 'admin', password: 'of-the-test' };

/** The example provider of PostHog's documentation stores what it has fetched. */
export const aForeignPublication: CommandMark = (data) =>
  data.includes('$3\r\nSET\r\n') && data.includes('"flags":[');

export class RedisStore implements FleetStore {
  description = 'Redis';
  private monitor: RedisMonitor | undefined;
  private readonly witness: RedisWitness;
  private lastEcho = '';

  private constructor(
    private readonly server: RedisServer,
    private readonly dataFolder: string,
    { nameOf, tell }: StoreListener,
  ) {
    this.witness = new RedisWitness(nameOf, tell);
  }

  static async start(listener: StoreListener): Promise<RedisStore> {
    const dataFolder = mkdtempSync(join(tmpdir(), 'flags-data-'));
    const server = await RedisServer.start({
      userInfo: `${admin.name}:${admin.password}@`,
      args: [
        `--user ${admin.name} on >${admin.password} ~* &* +@all`,
        `--requirepass ${secrets.password}`,
        `--dir ${dataFolder}`,
        '--appendonly yes --appendfsync always',
      ].flatMap((line) => line.split(' ')),
    });
    const store = new RedisStore(server, dataFolder, listener);
    await store.watch();
    const version = /redis_version:(\S+)/.exec(String(await store.run(['INFO', 'server'])))?.[1];
    store.description = `Redis ${version ?? 'of unknown version'}`;
    return store;
  }

  get port(): number {
    return this.server.port;
  }

  readonly aFinish: CommandMark = (data) =>
    data.includes('$3\r\nnew\r\n') || data.includes('$4\r\nsame\r\n');

  cacheUrl(port: number): string {
    return `redis://:${secrets.password}@127.0.0.1:${port}/0?key=fleet`;
  }

  /** Runs commands as somebody who may do all, and gives back the last reply. */
  run(...commands: readonly string[][]): Promise<unknown> {
    return this.server.run(...commands);
  }

  async freeze(): Promise<void> {
    this.server.freeze();
  }

  async thaw(): Promise<void> {
    this.server.thaw();
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  async launch({ withData }: { readonly withData: boolean }): Promise<void> {
    if (!withData) {
      rmSync(join(this.dataFolder, 'appendonlydir'), { recursive: true, force: true });
      this.witness.lost();
    }
    await this.server.launch();
    await this.watch();
  }

  /** Commands are seen in their order: with one of our own, all before it. */
  async settle(): Promise<void> {
    const mark = randomUUID();
    await this.run(['ECHO', mark]);
    if (await eventually(() => this.lastEcho === mark)) return;
    throw new Error('The monitor of Redis does not see what is executed.');
  }

  async stop(): Promise<void> {
    this.monitor?.close();
    await this.server.stop();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  private async watch(): Promise<void> {
    this.monitor?.close();
    this.monitor = await RedisMonitor.of(this.port, admin, (command) => this.see(command));
  }

  private see(command: ExecutedCommand): void {
    this.witness.see(command);
    const [name, mark = ''] = command.args;
    if (name === 'ECHO') this.lastEcho = mark;
  }
}
