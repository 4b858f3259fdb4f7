/** The rules over one variable, with the store's clock in the hand of the test. */
import { leave, publish, stageBody } from '../../../lib/core/coordination/claim-publication.js';
import { check, finish, type ClaimFinish } from '../../../lib/core/coordination/claim-rules.js';
import { emptyClaimState, type ClaimState } from '../../../lib/core/coordination/claim-state.js';
import type {
  CheckReply,
  CheckRequest,
  FinishReply,
} from '../../../lib/core/coordination/claim-store.js';

export const intervalMs = 30_000;
export const leaseMs = 12_000;
export const graceMs = 5_000;
export const shortestGapMs = 5_000;
export const longestDueMs = 20 * 60_000;
export const memberTtlMs = 60_000;

export function checkRequest(request: Partial<CheckRequest> = {}): CheckRequest {
  return {
    instance: 'a',
    revision: 0,
    digest: undefined,
    token: 0,
    floor: 0,
    kick: false,
    graceMs,
    sitOutMs: 0,
    leaseMs,
    longestDueMs,
    shortestGapMs,
    memberTtlMs,
    ageMs: undefined,
    ...request,
  };
}

/** Content whose digest is its name. */
export function content(digest: string, etag: string | undefined = `"${digest}"`) {
  return { schema: 1, digest, etag, codec: 'json', sizeBytes: digest.length };
}

export class StoreInHand {
  state: ClaimState = emptyClaimState;
  now = Date.UTC(2026, 0, 1);

  check(instance: string, request: Partial<CheckRequest> = {}): CheckReply {
    const result = check(this.state, checkRequest({ instance, ...request }), this.now);
    this.state = result.state;
    return result.reply;
  }

  finish(instance: string, token: number, result: ClaimFinish['result']): FinishReply {
    const ended = finish(this.state, { instance, token, result }, this.now);
    this.state = ended.state;
    return ended.reply;
  }

  /** Finishes with new content, its body laid down before. */
  publishClaim(instance: string, token: number, digest: string, nextDueMs = intervalMs) {
    this.stage(token);
    return this.finish(instance, token, { kind: 'new', content: content(digest), nextDueMs });
  }

  same(instance: string, token: number, etag?: string): FinishReply {
    return this.finish(instance, token, { kind: 'same', etag, nextDueMs: intervalMs });
  }

  fail(instance: string, token: number, nextDueMs = 1_000, notBeforeMs?: number): FinishReply {
    const reason = 'network';
    return this.finish(instance, token, { kind: 'failed', reason, nextDueMs, notBeforeMs });
  }

  /** One whole turn of an instance that is expected to be granted. */
  lead(instance: string, digest = 'v1'): number {
    const { verdict, token } = this.check(instance);
    if (verdict !== 'granted') throw new Error(`${instance} was answered ${verdict}`);
    this.publishClaim(instance, token, digest);
    return token;
  }

  publish(revision: number, digest: string): FinishReply {
    const result = publish(this.state, content(digest), revision, this.now);
    this.state = result.state;
    return result.reply;
  }

  stage(revision: number): void {
    this.state = stageBody(this.state, revision, this.now);
  }

  leave(instance: string): void {
    this.state = leave(this.state, instance);
  }

  pass(ms: number): void {
    this.now += ms;
  }

  /** FLUSHALL, or a restart without memory. */
  wipe(): void {
    this.state = emptyClaimState;
  }

  loseBodies(): void {
    this.state = { ...this.state, bodies: new Map() };
  }
}
