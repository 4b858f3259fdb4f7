/**
 * The rules of claims and a store, side by side: random operations, time and losses in the hand of
 * the suite, every answer equal. For a store whose clock is its own and can be set: one that
 * counts by what each instance observes follows the rules, but not to the millisecond.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { contentOf, type NewRecord } from '../../core/cache/definition-record.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import { confirm, leave, publish, stageBody } from '../../core/coordination/claim-publication.js';
import { check, finish, hasBody } from '../../core/coordination/claim-rules.js';
import { emptyClaimState, type ClaimState } from '../../core/coordination/claim-state.js';
import type { ClaimResult, ClaimStore } from '../../core/coordination/claim-store.js';
import { messageOf } from '../../core/errors/message-of.js';
import { withoutUndefined } from './contract-assertions.js';
import { someName, someRequest, someResult, someRevision } from './claim-requests.js';
import type { RecordTrial } from './record-place.js';
import { SeededRandom } from './seeded-random.js';

const waits = [1, 400, 5_000, 12_000, 30_000, 600_000, 4_000_000, -2_000, -300_000] as const;

export class ClaimComparison {
  private state: ClaimState = emptyClaimState;
  private operation = '';
  private readonly random: SeededRandom;

  constructor(
    private readonly trial: RecordTrial,
    private readonly handles: readonly [RecordStore, ...RecordStore[]],
    private readonly seed: number,
  ) {
    this.random = new SeededRandom(seed);
  }

  /** @throws Error at the first difference, with the operation and the seed. */
  async take(operations: number): Promise<void> {
    for (let n = 1; n <= operations; n += 1) {
      try {
        await this.step();
      } catch (error) {
        const where = `operation ${n} of seed ${this.seed} (the option seed repeats it)`;
        throw new Error(`${where}: ${this.operation}\n${messageOf(error)}`, { cause: error });
      }
    }
  }

  private step(): Promise<void> {
    const chance = this.random.next();
    if (chance < 0.34) return this.check();
    if (chance < 0.64) return this.finish();
    if (chance < 0.82) return this.pass();
    if (chance < 0.87) return this.publish();
    if (chance < 0.91) return this.confirm();
    if (chance < 0.93) return this.leave();
    if (chance < 0.95) return this.members();
    if (chance < 0.97) return this.read();
    return chance < 0.99 ? this.loseBody() : this.wipe();
  }

  private async check(): Promise<void> {
    const request = someRequest(this.random, this.state, this.nowMs);
    this.operation = `check ${JSON.stringify(request)}`;
    const { state, reply } = check(this.state, request, this.nowMs);
    expectSame(await this.claims.check(request), reply);
    this.state = state;
  }

  private async finish(): Promise<void> {
    const { random, state } = this;
    const instance = random.next() < 0.8 ? (state.holder ?? 'a') : someName(random);
    const token = random.next() < 0.85 ? state.token : someRevision(random, state, this.nowMs);
    const result = someResult(random, this.recordFor(token));
    this.operation = `finish ${JSON.stringify({ instance, token, result })}`;
    if (result.kind === 'new' && this.isLost(token)) return;
    if (result.kind === 'new') this.state = stageBody(state, token, this.nowMs);
    const claim = { instance, token, result: withContent(result) };
    const expected = finish(this.state, claim, this.nowMs);
    expectSame(await this.claims.finish({ instance, token, result }), expected.reply);
    this.state = expected.state;
  }

  private async publish(): Promise<void> {
    const revision = Math.max(1, someRevision(this.random, this.state, this.nowMs));
    this.operation = `publish ${revision}`;
    if (this.isLost(revision)) return;
    const record = this.recordFor(revision);
    const staged = stageBody(this.state, revision, this.nowMs);
    const { state, reply } = publish(staged, contentOf(record), revision, this.nowMs);
    expectSame(await this.store.publish(record, revision), reply === 'accepted');
    this.state = state;
  }

  private async confirm(): Promise<void> {
    const stored = this.state.record?.revision ?? 0;
    const revision = this.random.pick(stored, stored, stored + 1);
    this.operation = `confirm ${revision}`;
    const { state, reply } = confirm(this.state, revision, this.nowMs);
    expectSame(await this.store.confirm(revision), reply);
    this.state = state;
  }

  private async leave(): Promise<void> {
    const instance = someName(this.random);
    this.operation = `leave ${instance}`;
    await this.claims.leave(instance);
    this.state = leave(this.state, instance);
  }

  private async members(): Promise<void> {
    this.operation = 'members';
    const { leader } = this.state;
    const expected = [...this.state.members].map(([instance, { seenAt, revision, ageMs }]) => {
      const seenAgoMs = Math.max(0, this.nowMs - seenAt);
      return { instance, revision, ageMs, seenAgoMs, leads: instance === leader };
    });
    const byName = (one: { instance: string }, other: { instance: string }): number =>
      one.instance < other.instance ? -1 : 1;
    const members = [...(await this.claims.members())];
    expectSame(members.sort(byName), expected.sort(byName));
  }

  private async read(): Promise<void> {
    this.operation = 'readHead, readBody';
    const { record, verifiedAt } = this.state;
    const head = record && { ...record, ageMs: Math.max(0, this.nowMs - verifiedAt) };
    expectSame(await this.store.readHead(), head);
    if (record === undefined) return;
    const isThere = hasBody(this.state, record.revision, this.nowMs);
    const body = isThere ? this.recordFor(record.revision).body : undefined;
    expectSame((await this.store.readBody(record.revision))?.body, body);
  }

  /** Time passes, and what expires by it is gone: its own time to live may be another clock's. */
  private async pass(): Promise<void> {
    const ms = this.random.pick(...waits);
    this.operation = `${ms} ms pass`;
    const { place } = this.trial;
    if (ms < 0) await place.setClockBackMs?.(-ms);
    else await place.advanceMs?.(ms);
    const isOver = (revision: number): boolean => !hasBody(this.state, revision, this.nowMs);
    await this.lose([...this.state.bodies.keys()].filter(isOver));
  }

  private async loseBody(): Promise<void> {
    this.operation = 'a body is lost';
    const { record } = this.state;
    if (record !== undefined) await this.lose([record.revision]);
  }

  private async lose(revisions: readonly number[]): Promise<void> {
    const bodies = new Map(this.state.bodies);
    for (const revision of revisions) {
      bodies.delete(revision);
      await this.trial.place.loseBody?.(revision);
    }
    this.state = { ...this.state, bodies };
  }

  private async wipe(): Promise<void> {
    this.operation = 'everything is lost';
    await this.trial.place.wipe?.();
    this.state = emptyClaimState;
  }

  /**
   * The body of what is stored is gone. Whether what is refused under its number brings it back,
   * each store may do as it likes.
   */
  private isLost(revision: number): boolean {
    const isStored = this.state.record?.revision === revision;
    return isStored && !hasBody(this.state, revision, this.nowMs);
  }

  /** The same for the same number: which of two writes of one body came first must not matter. */
  private recordFor(revision: number): NewRecord {
    const etag = revision % 4 === 0 ? undefined : `"${revision}"`;
    return { ...this.trial.recordOf(`v${revision % 3}`), etag };
  }

  private get nowMs(): number {
    return this.trial.place.nowMs?.() ?? 0;
  }

  private get store(): RecordStore {
    return this.random.pick(...this.handles);
  }

  private get claims(): ClaimStore {
    const { claims, description } = this.store;
    if (claims === undefined) throw new Error(`the store (${description}) has no claims`);
    return claims;
  }
}

function expectSame(actual: unknown, expected: unknown): void {
  deepStrictEqual(withoutUndefined(actual), withoutUndefined(expected));
}

function withContent(result: ClaimResult) {
  if (result.kind !== 'new') return result;
  const { kind, record, nextDueMs } = result;
  return { kind, content: contentOf(record), nextDueMs };
}
