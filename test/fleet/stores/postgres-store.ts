/** A PostgreSQL for a fleet: it asks for a password, and says in its log what it executes. */
import { PostgresServer } from '../../support/postgres-server.js';
import { secrets } from '../secrets.js';
import type { FleetStore, StoreListener } from './fleet-store.js';
import { logSettings, PostgresLog, witnessSql } from './postgres-log.js';
import { PostgresWitness } from './postgres-witness.js';
import type { CommandMark } from './store-proxy.js';

const DATABASE = 'fleet';
const ROLE = 'flags';

export class PostgresStore implements FleetStore {
  description = 'PostgreSQL';
  private readonly log: PostgresLog;

  private constructor(
    private readonly server: PostgresServer,
    listener: StoreListener,
  ) {
    const witness = new PostgresWitness(listener);
    this.log = new PostgresLog(server.logFile, (fact) => witness.see(fact));
  }

  static async start(listener: StoreListener): Promise<PostgresStore> {
    const server = await PostgresServer.start({ args: logSettings });
    await server.run(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${secrets.password}'`);
    await server.run(`CREATE DATABASE ${DATABASE} OWNER ${ROLE}`);
    const store = new PostgresStore(server, listener);
    await store.run(witnessSql);
    const [row] = await store.run("SELECT current_setting('server_version') AS version");
    store.description = `PostgreSQL ${String(row?.['version'])}`;
    return store;
  }

  get port(): number {
    return this.server.port;
  }

  readonly aFinish: CommandMark = (data) =>
    data.includes('_finish"') && (data.includes('"kind":"new"') || data.includes('"kind":"same"'));

  cacheUrl(port: number): string {
    return `postgres://${ROLE}:${secrets.password}@127.0.0.1:${port}/${DATABASE}?key=fleet`;
  }

  /** Runs statements in the database of the fleet as somebody who may do all. */
  run(text: string): Promise<readonly Record<string, unknown>[]> {
    return this.server.run(text, DATABASE);
  }

  /** A session of somebody else does this in a transaction, and ends it when it is told to. */
  async inTransaction(text: string): Promise<{ readonly end: () => Promise<void> }> {
    const client = await this.server.connect(DATABASE);
    await client.query(`BEGIN; ${text}`);
    return { end: () => client.end() };
  }

  /** `pg_terminate_backend` for every connection of the fleet. */
  async terminateAll(): Promise<void> {
    await this.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`,
    );
  }

  async freeze(): Promise<void> {
    await this.server.freeze();
  }

  async thaw(): Promise<void> {
    await this.server.thaw();
  }

  async kill(): Promise<void> {
    await this.server.kill();
  }

  async launch({ withData }: { readonly withData: boolean }): Promise<void> {
    await this.server.launch();
    if (!withData) await this.run('TRUNCATE nestjs_feature_flags');
  }

  /** A call is in the log before its answer is on the way. */
  async settle(): Promise<void> {
    this.log.readNow();
  }

  async stop(): Promise<void> {
    this.log.close();
    await this.server.stop();
  }
}
