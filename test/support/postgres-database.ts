/** A real PostgreSQL for the tests of one file, and what a test wants to see and to break in it. */
import pg from 'pg';
import { afterAll, beforeAll } from '@jest/globals';
import { startPostgres } from '../setup/postgres.mjs';

/** The first start on a new machine may install a package. */
const INSTALL_LIMIT_MS = 300_000;

export class PostgresDatabase {
  url = '';
  /** Looks at the server from outside. */
  onlooker!: pg.Pool;
  private readonly pools: pg.Pool[] = [];
  private stop: () => Promise<void> = async () => undefined;

  /** Started before the tests of this file, and stopped after them. */
  static forThisFile(): PostgresDatabase {
    const database = new PostgresDatabase();
    beforeAll(() => database.start(), INSTALL_LIMIT_MS);
    afterAll(() => database.close());
    return database;
  }

  /** A pool as an app has one; ended with the database. */
  pool(options: pg.PoolConfig = {}): pg.Pool {
    const pool = new pg.Pool({ connectionString: this.url, ...options });
    pool.on('error', () => undefined);
    this.pools.push(pool);
    return pool;
  }

  async query(text: string, values: unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.onlooker.query<Record<string, unknown>>(text, values);
    return rows;
  }

  private async start(): Promise<void> {
    const { url, stop } = await startPostgres();
    this.url = url;
    this.stop = stop;
    this.onlooker = this.pool({ max: 4 });
  }

  private async close(): Promise<void> {
    await Promise.all(this.pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
    await this.stop();
  }
}
