/**
 * A lease in PostgreSQL: a row, by the clock of the server, with a token for each look of the
 * leader. It belongs to no session, so a leader keeps it behind a pooler, and a connection that
 * breaks loses nothing; one that dies is followed when the lease has run out.
 */
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import { HIGHEST_FROM_CALLER, wholeNumber } from '../../core/coordination/whole-number.js';
import type { CalledPostgres } from './called-postgres.js';
import { PostgresReply } from './postgres-reply.js';

export class PostgresLeaseStore implements LeaseStore {
  constructor(private readonly postgres: CalledPostgres) {}

  async acquire(owner: string, leaseMs: number): Promise<boolean> {
    return (await this.acquireWithToken(owner, leaseMs, 0)) !== undefined;
  }

  async acquireWithToken(
    owner: string,
    leaseMs: number,
    floor: number,
  ): Promise<number | undefined> {
    const answer = await this.postgres.call('lead', {
      owner,
      leaseMs: wholeNumber(leaseMs),
      floor: wholeNumber(floor, HIGHEST_FROM_CALLER),
    });
    const token = PostgresReply.of(answer, 1).number(0);
    return token === 0 ? undefined : token;
  }

  async release(owner: string): Promise<void> {
    await this.postgres.call('resign', { owner });
  }
}
