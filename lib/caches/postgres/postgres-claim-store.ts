/**
 * Refresh claims in PostgreSQL. Each operation is one statement that commits by itself, so one
 * round trip and, by the lock of one row, one step in the order of all others; the time in it is
 * the server's. No lock outlives its statement, and nothing belongs to a session: so a pooler may
 * stand between. There is no write but a conditional one: a statement that timed out here and runs
 * there later changes nothing that it should not.
 *
 * What it is not: consensus. When a primary dies before its last commits have reached the standby
 * that takes over, a publication can be lost; instances that hold it raise the floor, and the next
 * publication is above it.
 */
import { contentOf, type NewRecord } from '../../core/cache/definition-record.js';
import type {
  CheckReply,
  CheckRequest,
  CheckVerdict,
  ClaimResult,
  ClaimStore,
  FinishReply,
  FinishRequest,
  FleetMember,
} from '../../core/coordination/claim-store.js';
import { HIGHEST_FROM_CALLER, wholeNumber } from '../../core/coordination/whole-number.js';
import { standIn } from '../../core/coordination/stand-in.js';
import type { CalledPostgres } from './called-postgres.js';
import { ReadOnlyFault } from './postgres-fault.js';
import { readPostgresHead } from './postgres-head.js';
import { PostgresReply } from './postgres-reply.js';

const verdicts: readonly CheckVerdict[] = ['not-due', 'held', 'granted'];
const finishReplies: readonly FinishReply[] = ['fenced', 'accepted', 'must-publish'];

export class PostgresClaimStore implements ClaimStore {
  /** @param stage lays a body down under its token, before the claim ends with it. */
  constructor(
    private readonly postgres: CalledPostgres,
    private readonly stage: (record: NewRecord, revision: number) => Promise<void>,
  ) {}

  /** On a standby an instance that has nothing gets what lies there; claims it can give none. */
  async check(request: CheckRequest): Promise<CheckReply> {
    try {
      return await this.checkHere(request);
    } catch (error) {
      const isReadable = request.revision === 0 && error instanceof ReadOnlyFault;
      const head = isReadable ? await readPostgresHead(this.postgres) : undefined;
      if (head === undefined) throw error;
      return standIn(head);
    }
  }

  private async checkHere(request: CheckRequest): Promise<CheckReply> {
    const answer = await this.postgres.call('check', checkArguments(request));
    const reply = PostgresReply.of(answer, 12);
    return {
      verdict: verdicts[reply.number(0)] ?? 'not-due',
      token: reply.number(1),
      revision: reply.number(2),
      digest: reply.optionalText(3),
      etag: reply.optionalText(4),
      verifiedToken: reply.number(5),
      mustPublish: reply.number(6) === 1,
      dueInMs: reply.number(7),
      ageMs: reply.optionalNumber(8),
      failuresInARow: reply.number(9),
      instances: reply.number(10),
      reason: reply.optionalText(11),
    };
  }

  /**
   * With new content the body goes first. `must-publish` then means that it did not arrive, or
   * that another lies in its place; the claim is still open.
   */
  async finish({ instance, token, result }: FinishRequest): Promise<FinishReply> {
    if (result.kind === 'new') await this.stage(result.record, token);
    const claim = { instance, token: wholeNumber(token), channel: this.postgres.channel };
    const answer = await this.postgres.call('finish', { ...claim, ...resultArguments(result) });
    return finishReplyOf(answer);
  }

  async leave(instance: string): Promise<void> {
    await this.postgres.call('leave', { instance });
  }

  async members(): Promise<readonly FleetMember[]> {
    const reply = PostgresReply.of(await this.postgres.call('members'), 3);
    const [nowMs, leader] = [reply.number(0), reply.text(1)];
    return reply.list(2).map((fields) => {
      const member = PostgresReply.of(fields, 4);
      const ageMs = member.optionalNumber(3);
      return {
        instance: member.text(0),
        revision: member.number(2),
        ageMs: ageMs === undefined ? undefined : wholeNumber(ageMs),
        seenAgoMs: Math.max(0, nowMs - member.number(1)),
        leads: member.text(0) === leader,
      };
    });
  }
}

export function finishReplyOf(answer: unknown): FinishReply {
  return finishReplies[PostgresReply.of(answer, 1).number(0)] ?? 'fenced';
}

/** What FINISH and PUBLISH want to know of content. */
export function contentArguments(record: NewRecord) {
  const { etag = '', schema, digest, codec, sizeBytes } = contentOf(record);
  return { etag, schema: wholeNumber(schema), digest, codec, sizeBytes: wholeNumber(sizeBytes) };
}

function checkArguments(request: CheckRequest) {
  const { instance, revision, floor, digest = '', token, kick, ageMs } = request;
  const believed = (value: number): number => wholeNumber(value, HIGHEST_FROM_CALLER);
  return {
    instance,
    revision: wholeNumber(revision),
    held: Math.max(believed(revision), believed(floor)),
    digest,
    token: believed(token),
    kick,
    graceMs: wholeNumber(request.graceMs),
    sitOutMs: wholeNumber(request.sitOutMs),
    leaseMs: wholeNumber(request.leaseMs),
    longestDueMs: wholeNumber(request.longestDueMs),
    shortestGapMs: wholeNumber(request.shortestGapMs),
    memberTtlMs: wholeNumber(request.memberTtlMs),
    ...(ageMs === undefined ? {} : { ageMs: wholeNumber(ageMs) }),
  };
}

function resultArguments(result: ClaimResult) {
  switch (result.kind) {
    case 'new': {
      const { kind, nextDueMs, record } = result;
      return { kind, nextDueMs: wholeNumber(nextDueMs), ...contentArguments(record) };
    }
    case 'same': {
      const { kind, nextDueMs, etag = '' } = result;
      return { kind, nextDueMs: wholeNumber(nextDueMs), etag };
    }
    case 'failed': {
      const { kind, nextDueMs, notBeforeMs = 0, reason } = result;
      const times = { nextDueMs: wholeNumber(nextDueMs), notBeforeMs: wholeNumber(notBeforeMs) };
      return { kind, reason, ...times };
    }
    case 'handed-over':
      return { kind: result.kind, nextDueMs: 0 };
    case 'unheard':
      return { kind: result.kind, nextDueMs: wholeNumber(result.nextDueMs) };
    default:
      return result satisfies never;
  }
}
