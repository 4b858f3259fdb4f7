/**
 * Definitions in PostgreSQL. One row is the head of the record and the state of the claims, one the
 * lease; each body has a row of its own, named by its revision. A publication lays the body down first and
 * then, in one statement, makes the head point to it: atomic for every reader, and a body that
 * nobody points to overwrites nothing. What is large PostgreSQL keeps apart from the rows by
 * itself. A row that is lost all the same is published again by the next claim.
 */
import { headOfBody } from '../../core/cache/body-store.js';
import type { NewRecord, RecordBody, RecordHead } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { ClaimStore } from '../../core/coordination/claim-store.js';
import type { LeaseStore } from '../../core/coordination/lease-store.js';
import { HIGHEST_FROM_CALLER, wholeNumber } from '../../core/coordination/whole-number.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { CalledPostgres, type CalledPostgresParts } from './called-postgres.js';
import { PostgresClaimStore, contentArguments, finishReplyOf } from './postgres-claim-store.js';
import { readPostgresHead } from './postgres-head.js';
import { PostgresLeaseStore } from './postgres-lease-store.js';
import type { PostgresPush } from './postgres-push.js';
import { PostgresReply } from './postgres-reply.js';
import { factsOf, storedBody, type StoredFacts } from './stored-body.js';

export interface PostgresRecordStoreParts extends CalledPostgresParts {
  /** Without it there are no hints, only checks. */
  readonly push?: PostgresPush;
  /** Closes what was opened for this store alone. */
  readonly close?: () => Promise<void>;
}

export class PostgresRecordStore implements RecordStore {
  readonly description: string;
  readonly key: string;
  readonly claims: ClaimStore;
  readonly lease: LeaseStore;
  readonly watch?: NonNullable<RecordStore['watch']>;
  private readonly postgres: CalledPostgres;

  constructor(private readonly parts: PostgresRecordStoreParts) {
    const { queries, namespace, push } = parts;
    const postgres = new CalledPostgres(parts);
    this.postgres = postgres;
    this.description = queries.description;
    this.key = namespace;
    this.claims = new PostgresClaimStore(postgres, (record, revision) =>
      this.stage(record, revision),
    );
    this.lease = new PostgresLeaseStore(postgres);
    if (push !== undefined) {
      this.watch = (...listeners) => push.subscribe(postgres.channel, ...listeners);
    }
  }

  readHead(): Promise<RecordHead | undefined> {
    return readPostgresHead(this.postgres);
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const request = { revision: revision.toFixed(0) };
    const [current, answer] = await Promise.all([
      this.readHead(),
      this.postgres.call('body', request),
    ]);
    if (answer === undefined) return undefined;
    const { facts, body } = storedBody(answer, this.postgres.place);
    return headOfBody(current, { ...headOf(facts), revision, body }, revision);
  }

  async publish(record: NewRecord, revision: number): Promise<boolean> {
    await this.stage(record, revision);
    const answer = await this.postgres.call('publish', {
      revision: wholeNumber(revision, HIGHEST_FROM_CALLER),
      channel: this.postgres.channel,
      ...contentArguments(record),
    });
    const reply = finishReplyOf(answer);
    if (reply === 'must-publish') {
      throw new FlagsError(
        `PostgreSQL could not publish the definitions at ${this.postgres.place}: their body is not there, or another lies in its place. Nothing was changed.`,
        { code: 'cache-unavailable' },
      );
    }
    return reply === 'accepted';
  }

  async confirm(revision: number): Promise<boolean> {
    const answer = await this.postgres.call('confirm', { revision: wholeNumber(revision) });
    return PostgresReply.of(answer, 1).number(0) === 1;
  }

  async close(): Promise<void> {
    await this.parts.close?.();
  }

  private async stage(record: NewRecord, revision: number): Promise<void> {
    const { body } = record;
    const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(body);
    await this.postgres.call(
      'stage',
      { revision: revision.toFixed(0), facts: factsOf(record) },
      bytes,
    );
  }
}

/** What is counted anew from the body itself is left out. */
function headOf({ isText: _isText, sizeBytes: _sizeBytes, etag, ...facts }: StoredFacts) {
  return { ...facts, etag: etag === '' ? undefined : etag };
}
