/**
 * The functions in a real PostgreSQL and the rules in TypeScript do the same: 12,000 random
 * operations with the time in the hand of the test, every reply and, again and again, the whole
 * state equal. A failure prints its seed; `SEED=… npm run jest -- postgres-claims-against-model`
 * repeats it.
 */
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GivenPostgresPool } from '../../lib/caches/postgres/postgres-queries.js';
import { PostgresQueries } from '../../lib/caches/postgres/postgres-queries.js';
import { PostgresRecordStore } from '../../lib/caches/postgres/postgres-record-store.js';
import { schemaStatements } from '../../lib/caches/postgres/postgres-schema.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { PostgresDatabase } from '../support/postgres-database.js';
import {
  ClaimsUnderComparison,
  rareOutcomes,
  type BodyLife,
  type ComparedStore,
} from './claims-under-comparison.js';

const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const lanes = 12;
const operationsPerLane = 1_000;

const database = PostgresDatabase.forThisFile();
beforeAll(async () => {
  for (const statement of schemaStatements('compared', { time: 'argument' })) {
    await database.query(statement);
  }
});

describe('the functions and the rules', () => {
  it(`answer and remember the same in ${lanes * operationsPerLane} operations (seed ${seed})`, async () => {
    const pool = database.pool({ max: 6 });
    const compared = Array.from(
      { length: lanes },
      (_, lane) =>
        new ClaimsUnderComparison(
          (nowMs) => new ComparedPostgres(pool, `lane ${lane}`, nowMs),
          seed + lane,
        ),
    );
    await Promise.all(compared.map((lane) => lane.take(operationsPerLane)));

    // What was compared must have been worth it: every kind of answer, often.
    expect(rareOutcomes(compared, 30)).toEqual([]);
  });
});

class ComparedPostgres implements ComparedStore {
  readonly store: PostgresRecordStore;
  losesWrites = false;

  constructor(
    pool: GivenPostgresPool,
    private readonly namespace: string,
    private readonly nowMs: () => number,
  ) {
    const queries = new PostgresQueries({
      pool: { query: (text, values) => this.query(pool, text, values) },
      clock: systemClock,
      commandTimeoutMs: 60_000,
      description: 'compared',
    });
    this.store = new PostgresRecordStore({ queries, table: 'compared', namespace, nowMs });
  }

  async forget(revisions: readonly number[]): Promise<void> {
    await database.query(
      "DELETE FROM compared WHERE namespace = $1 AND kind = 'body' AND name = ANY($2)",
      [this.namespace, revisions.map((revision) => revision.toFixed(0))],
    );
  }

  async clear(): Promise<void> {
    await database.query('DELETE FROM compared WHERE namespace = $1', [this.namespace]);
  }

  async fields(): Promise<ReadonlyMap<string, string>> {
    const rows = await database.query(
      "SELECT key, value FROM compared, jsonb_each_text(facts) WHERE namespace = $1 AND kind = 'claims'",
      [this.namespace],
    );
    return new Map(rows.map(({ key, value }) => [String(key), String(value)]));
  }

  async lifeOf(revision: number): Promise<BodyLife> {
    const [row] = await database.query(
      "SELECT expires_at FROM compared WHERE namespace = $1 AND kind = 'body' AND name = $2",
      [this.namespace, revision.toFixed(0)],
    );
    if (row === undefined) return 'not';
    if (row['expires_at'] === null) return 'for ever';
    return Number(row['expires_at']) > this.nowMs() ? 'for a time' : 'not';
  }

  private query(pool: GivenPostgresPool, text: string, values: unknown[]) {
    const isLost = this.losesWrites && text.includes('_stage"');
    return isLost ? Promise.resolve({ rows: [{ reply: '[]' }] }) : pool.query(text, values);
  }
}
