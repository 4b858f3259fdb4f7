/**
 * The statements of a pool, each with a deadline. A deadline does not call a statement off: it may
 * still run later, which is why every write of this package is conditional. A pool queues what it
 * has no connection for, without a limit: so while too many statements are overdue, no more are
 * handed to it.
 */
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import { withDeadline } from '../../core/time/deadline.js';

/**
 * What is used of a pool: a `Pool` of `pg` 8, or what has its method `query`. Push needs its
 * properties `Client` and `options`, too.
 * @publicApi
 */
export interface GivenPostgresPool {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
}

export interface PostgresQueriesParts {
  readonly pool: GivenPostgresPool;
  readonly clock: Clock;
  readonly commandTimeoutMs: number;
  /** Where it leads, for errors; never a secret. */
  readonly description: string;
}

const MOST_OVERDUE = 8;

export class PostgresQueries {
  private overdue = 0;

  constructor(private readonly parts: PostgresQueriesParts) {}

  get description(): string {
    return this.parts.description;
  }

  get timeoutMs(): number {
    return this.parts.commandTimeoutMs;
  }

  /** Between two tries of a statement, for which somebody waits. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.parts.clock.setTimer(ms, resolve, { keepsAlive: true });
    });
  }

  /** @throws FlagsError `deadline-exceeded`, `cache-unavailable`; else what the pool throws. */
  async run(text: string, values: readonly unknown[] = []): Promise<readonly unknown[]> {
    const { pool, clock, commandTimeoutMs: ms, description } = this.parts;
    if (this.overdue >= MOST_OVERDUE) throw tooManyOverdue(description, this.overdue);
    let isSettled = false;
    let isLate = false;
    const ask = async (): Promise<readonly unknown[]> => {
      try {
        return (await pool.query(text, [...values])).rows;
      } finally {
        isSettled = true;
        if (isLate) this.overdue -= 1;
      }
    };
    try {
      return await withDeadline({ clock, ms, what: description }, ask);
    } finally {
      if (!isSettled) {
        isLate = true;
        this.overdue += 1;
      }
    }
  }
}

function tooManyOverdue(description: string, overdue: number): FlagsError {
  return new FlagsError(
    `${description} has not answered ${overdue} earlier statements yet, so no more are sent: check that it runs, and that the pool has a free connection (its option max, and who holds connections for long).`,
    { code: 'cache-unavailable' },
  );
}
