/**
 * Calls the functions of one cache. Table and functions are made when a call shows that they are
 * missing, and not before: where they are, nothing is asked and no right to make them is needed.
 *
 * A call is one statement that commits by itself. One that lost against others (in a database whose
 * transactions are stricter than usual, or in a deadlock) has changed nothing and is tried again.
 */
import { schemaStatements } from './postgres-schema.js';
import { channelOf, postgresNames, type PostgresFunction } from './postgres-names.js';
import { postgresFault, sqlStateOf } from './postgres-fault.js';
import type { PostgresQueries } from './postgres-queries.js';
import { replyIn } from './postgres-reply.js';

export interface CalledPostgresParts {
  readonly queries: PostgresQueries;
  /** As `isTableName` has it. */
  readonly table: string;
  /** Tells caches in one table apart. */
  readonly namespace: string;
  /** Only for the comparison with the model: a clock instead of the store's own. */
  readonly nowMs?: () => number;
}

const doings: Readonly<Record<PostgresFunction, string>> = {
  stage: 'store the definitions',
  check: 'check for a refresh',
  finish: 'finish the refresh',
  publish: 'publish the definitions',
  confirm: 'confirm the definitions',
  head: 'read the head of the definitions',
  body: 'read the definitions',
  members: 'read the members of the fleet',
  leave: 'forget a member of the fleet',
  lead: 'take the lead of the fleet',
  resign: 'give the lead of the fleet up',
};

/** No table, no function, no schema. */
const missing: ReadonlySet<string> = new Set(['42P01', '42883', '3F000']);
/** Table, function or their entry in the catalogue: somebody has just made the same. */
const madeByAnother: ReadonlySet<string> = new Set(['42P07', '42723', '42710', '23505']);
const lostAgainstOthers: ReadonlySet<string> = new Set(['40001', '40P01']);
const MOST_TRIES = 10;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

export class CalledPostgres {
  readonly channel: string;
  private readonly functions: Readonly<Record<PostgresFunction, string>>;
  private making: Promise<void> | undefined;

  constructor(private readonly parts: CalledPostgresParts) {
    const { table, namespace } = parts;
    this.channel = channelOf(table, namespace);
    this.functions = postgresNames(table).functions;
  }

  /** Where it is, for errors. */
  get place(): string {
    return `${this.parts.table} of ${this.parts.queries.description}`;
  }

  /**
   * @returns what the function answered, as JSON; undefined for nothing.
   * @throws FlagsError
   */
  async call(name: PostgresFunction, request: object = {}, bytes?: Uint8Array): Promise<unknown> {
    try {
      return await this.callOrMake(name, request, bytes);
    } catch (error) {
      throw postgresFault(error, doings[name], this.place);
    }
  }

  private async callOrMake(name: PostgresFunction, request: object, bytes?: Uint8Array) {
    try {
      return await this.send(name, request, bytes);
    } catch (error) {
      if (!missing.has(sqlStateOf(error))) throw error;
    }
    this.making ??= this.make().finally(() => (this.making = undefined));
    await this.making;
    return this.send(name, request, bytes);
  }

  private async send(name: PostgresFunction, request: object, bytes?: Uint8Array) {
    const { queries, namespace, nowMs } = this.parts;
    const time = nowMs === undefined ? {} : { nowMs: nowMs() };
    // A little sooner than the deadline, so that the server can say why.
    const lockTimeoutMs = `${Math.max(1, Math.floor(queries.timeoutMs * 0.9))}`;
    const json = JSON.stringify({ ...request, lockTimeoutMs, ...time });
    const values = [namespace, json, ...(bytes === undefined ? [] : [bytes])];
    const places = values.map((_value, i) => `$${i + 1}`).join(', ');
    const text = `SELECT ${this.functions[name]}(${places}) AS reply`;
    const [row] = await this.again(() => queries.run(text, values));
    return replyIn((row as { readonly reply: unknown } | undefined)?.reply ?? null);
  }

  /** Each statement by itself, so that what was made is there, whatever happens to the next. */
  private async make(): Promise<void> {
    const { queries, table, nowMs } = this.parts;
    const time = nowMs === undefined ? 'store' : 'argument';
    for (const statement of schemaStatements(table, { time })) {
      try {
        await this.again(() => queries.run(statement));
      } catch (error) {
        if (!madeByAnother.has(sqlStateOf(error))) throw error;
      }
    }
  }

  private async again<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (tries >= MOST_TRIES || !lostAgainstOthers.has(sqlStateOf(error))) throw error;
      }
      const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries);
      await this.parts.queries.pause(Math.random() * longestMs);
    }
  }
}
