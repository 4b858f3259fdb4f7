/**
 * Refresh claims in Redis. Each operation is one script, so one round trip and one step in the
 * order of all others; the time in it is the server's. There is no write but a conditional one:
 * a command that timed out here and runs there later changes nothing that it should not.
 *
 * What it is not: consensus. When a primary dies before its last writes have reached the replica
 * that takes over, a publication can be lost; instances that hold it raise the floor, and the
 * next publication is above it.
 */
import { contentOf } from '../../core/cache/definition-record.js';
import { SUPERSEDED_BODY_TTL_MS } from '../../core/coordination/claim-rules.js';
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
import { wholeNumber } from '../../core/coordination/whole-number.js';
import type { NewRecord } from '../../core/cache/definition-record.js';
import { RedisReply, numberOf } from './redis-reply.js';
import type { ScriptedRedis } from './scripted-redis.js';

const verdicts: readonly CheckVerdict[] = ['not-due', 'held', 'granted'];
const finishReplies: readonly FinishReply[] = ['fenced', 'accepted', 'must-publish'];

export class RedisClaimStore implements ClaimStore {
  /** @param stage lays a body down under its token, before the claim ends with it. */
  constructor(
    private readonly redis: ScriptedRedis,
    private readonly stage: (record: NewRecord, revision: number) => Promise<void>,
  ) {}

  async check(request: CheckRequest): Promise<CheckReply> {
    const reply = RedisReply.of(await this.redis.run('check', checkArguments(request)), 12);
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
    const args = [instance, whole(token), ...resultArguments(result)];
    const rest = [`${SUPERSEDED_BODY_TTL_MS}`, this.redis.keys.channel];
    return finishReplyOf(await this.redis.run('finish', [...args, ...rest]));
  }

  async leave(instance: string): Promise<void> {
    await this.redis.run('leave', [instance]);
  }

  async members(): Promise<readonly FleetMember[]> {
    const reply = await this.redis.run('members');
    const [now, fields, leader] = Array.isArray(reply) ? (reply as unknown[]) : [];
    return membersOf(fields, numberOf(now), leader);
  }
}

export function finishReplyOf(reply: unknown): FinishReply {
  return finishReplies[numberOf(reply)] ?? 'fenced';
}

/** What FINISH and PUBLISH want to know of content: etag, schema, digest, codec, size. */
export function contentArguments(record: NewRecord): string[] {
  const { etag, schema, digest, codec, sizeBytes } = contentOf(record);
  return [etag ?? '', whole(schema), digest, codec, whole(sizeBytes)];
}

function checkArguments(request: CheckRequest): string[] {
  return [
    request.instance,
    whole(request.revision),
    request.digest ?? '',
    whole(request.token),
    request.kick ? '1' : '0',
    whole(request.graceMs),
    whole(request.sitOutMs),
    whole(request.leaseMs),
    whole(request.longestDueMs),
    whole(request.shortestGapMs),
    whole(request.memberTtlMs),
    request.ageMs === undefined ? '' : whole(request.ageMs),
    whole(request.floor),
  ];
}

/** In the place of {@link contentArguments} where a claim ends without content. */
const noContent = ['', '0', '', '', '0'] as const;

/** Kind, nextDueMs, notBeforeMs, reason, and what is known of the content. */
function resultArguments(result: ClaimResult): string[] {
  switch (result.kind) {
    case 'new':
      return ['new', whole(result.nextDueMs), '0', '', ...contentArguments(result.record)];
    case 'same':
      return ['same', whole(result.nextDueMs), '0', '', result.etag ?? '', ...noContent.slice(1)];
    case 'failed': {
      const { nextDueMs, notBeforeMs = 0, reason } = result;
      return ['failed', whole(nextDueMs), whole(notBeforeMs), reason, ...noContent];
    }
    case 'handed-over':
      return ['handed-over', '0', '0', '', ...noContent];
    case 'unheard':
      return ['unheard', whole(result.nextDueMs), '0', '', ...noContent];
    default:
      return result satisfies never;
  }
}

/** The hash as a flat list of names and signs; a sign is the time, the revision and the age. */
function membersOf(fields: unknown, nowMs: number, leader: unknown): FleetMember[] {
  const flat = Array.isArray(fields) ? (fields as unknown[]) : [];
  const members: FleetMember[] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const [seenAt, revision, age] = String(flat[i + 1]).split(' ');
    members.push({
      instance: String(flat[i]),
      revision: wholeNumber(Number(revision)),
      ageMs: age ? wholeNumber(Number(age)) : undefined,
      seenAgoMs: Math.max(0, nowMs - wholeNumber(Number(seenAt))),
      leads: flat[i] === leader,
    });
  }
  return members;
}

function whole(value: number): string {
  return wholeNumber(value).toFixed(0);
}
