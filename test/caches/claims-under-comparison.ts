/**
 * One cache twice, in a real store and as the model, taking the same random operations side by side.
 * What is peculiar to the store stands behind a small port.
 */
import { deepStrictEqual } from 'node:assert';
import { isFlagsError } from '../../lib/core/errors/flags-error.js';
import {
  confirm,
  leave,
  publish,
  stageBody,
} from '../../lib/core/coordination/claim-publication.js';
import { check, finish, hasBody } from '../../lib/core/coordination/claim-rules.js';
import { emptyClaimState, type ClaimState } from '../../lib/core/coordination/claim-state.js';
import { acquire, giveUp } from '../../lib/core/coordination/lease-rules.js';
import type { CheckRequest, ClaimResult } from '../../lib/core/coordination/claim-store.js';
import { contentOf, type NewRecord } from '../../lib/core/cache/definition-record.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { Random } from '../fidelity/random.js';
import { claimsOf } from '../support/claim-turns.js';

const names = ['a', 'b', 'c', 'd'];
const kinds = ['new', 'new', 'same', 'same', 'failed', 'handed-over', 'unheard'] as const;
const startAt = Date.UTC(2026, 0, 1);

/** Whether a body can be read, and how long. */
export type BodyLife = 'for ever' | 'for a time' | 'not';

/** A store that takes its time from the test, with a way to look and to break things beside it. */
export interface ComparedStore {
  readonly store: RecordStore;
  /** While true, the write of a body is answered and not done. */
  losesWrites: boolean;
  /** Removes these bodies, whose time is over or which are lost. */
  forget(revisions: readonly number[]): Promise<void>;
  /** Removes all there is; these revisions may have bodies. */
  clear(revisions: readonly number[]): Promise<void>;
  /** The state by the names of `ClaimState`; a field that was never changed need not be there. */
  fields(): Promise<ReadonlyMap<string, string>>;
  lifeOf(revision: number): Promise<BodyLife>;
}

export class ClaimsUnderComparison {
  readonly outcomes = new Map<string, number>();
  private now = startAt;
  private state: ClaimState = emptyClaimState;
  private readonly compared: ComparedStore;
  /** Every revision that may have a body. */
  private readonly revisions = new Set<number>();
  private operation = '';
  private readonly random: Random;

  constructor(
    open: (nowMs: () => number) => ComparedStore,
    private readonly seed: number,
  ) {
    this.random = new Random(seed);
    this.compared = open(() => this.now);
  }

  private get store(): RecordStore {
    return this.compared.store;
  }

  async take(operations: number): Promise<void> {
    for (let i = 1; i <= operations; i += 1) {
      try {
        await this.step();
        if (i % 50 === 0) await this.compareStates();
      } catch (error) {
        const where = `lane of seed ${this.seed}, operation ${i}: ${this.operation}`;
        throw new Error(`${where}\n${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
      }
    }
  }

  async remove(): Promise<void> {
    await this.compared.clear([...this.revisions]);
  }

  private step(): Promise<void> {
    return this.random.weighted<Promise<void>>([
      [34, () => this.check()],
      [30, () => this.finish()],
      [18, () => this.pass()],
      [5, () => this.publish()],
      [5, () => this.confirm()],
      [6, () => this.lead()],
      [1, () => this.resign()],
      [2, () => this.loseBody()],
      [2, () => this.leave()],
      [2, () => this.readMembers()],
      [2, () => this.readHead()],
      [0.5, () => this.wipe()],
    ]);
  }

  private async check(): Promise<void> {
    const request = this.checkRequest();
    this.operation = `check ${JSON.stringify(request)} at ${this.now}`;
    const expected = check(this.state, request, this.now);
    deepStrictEqual(await claimsOf(this.store).check(request), expected.reply);
    this.state = expected.state;
    const { verdict, mustPublish, etag, digest } = expected.reply;
    this.count(`check ${verdict}`);
    if (verdict === 'granted' && mustPublish) this.count('check granted must-publish');
    if (etag !== undefined) this.count('check with etag');
    if (digest !== undefined) this.count('check with digest');
  }

  private checkRequest(): CheckRequest {
    return {
      instance: this.random.pick(names),
      revision: this.heldRevision(),
      digest: this.random.pick([undefined, this.state.record?.digest, 'd0', 'd1']),
      token: this.someRevision(),
      floor: this.random.pick([0, 0, 0, this.heldRevision(), this.someRevision()]),
      kick: this.random.next() < 0.2,
      graceMs: this.random.pick([0, 5_000]),
      sitOutMs: this.random.pick([0, 0, 0, 60_000.4]),
      leaseMs: this.random.pick([12_000, 12_000, 1_000]),
      longestDueMs: this.random.pick([1_200_000, 1_200_000, 60_000]),
      shortestGapMs: this.random.pick([5_000, 0, 20_000]),
      memberTtlMs: this.random.pick([60_000, 1_000]),
      ageMs: this.random.pick([undefined, 0, 12.5, 90_000]),
    };
  }

  private async finish(): Promise<void> {
    const isOwn = this.random.next() < 0.8;
    const instance = isOwn ? (this.state.holder ?? 'a') : this.random.pick(names);
    const token = this.random.next() < 0.85 ? this.state.token : this.someRevision();
    const result = this.claimResult(token);
    this.compared.losesWrites = this.random.next() < 0.2;
    this.operation = `finish ${JSON.stringify({ instance, token, result })} at ${this.now}`;
    if (result.kind === 'new') this.stage(token);
    const claim = { instance, token, result: withContent(result) };
    const expected = finish(this.state, claim, this.now);
    const reply = await claimsOf(this.store).finish({ instance, token, result });
    deepStrictEqual(reply, expected.reply);
    this.state = expected.state;
    this.count(`finish ${result.kind} ${reply}`);
  }

  private claimResult(token: number): ClaimResult {
    const nextDueMs = this.random.pick([30_000, 30_000, 1_000, 0, -5, 0.5, 299_999.6, 2e6]);
    const kind = this.random.pick(kinds);
    if (kind === 'new') return { kind, record: recordFor(token), nextDueMs };
    if (kind === 'same')
      return { kind, etag: this.random.pick([undefined, '', '"new"']), nextDueMs };
    if (kind === 'handed-over') return { kind };
    if (kind === 'unheard') return { kind, nextDueMs };
    const notBeforeMs = this.random.pick([undefined, 0, 45_000]);
    return { kind, reason: this.random.pick(['network', 'http']), nextDueMs, notBeforeMs };
  }

  private async publish(): Promise<void> {
    const revision = Math.max(1, this.someRevision());
    this.compared.losesWrites = this.random.next() < 0.3;
    this.operation = `publish ${revision} at ${this.now}`;
    this.stage(revision);
    const expected = publish(this.state, contentOf(recordFor(revision)), revision, this.now);
    const reply = await this.store
      .publish(recordFor(revision), revision)
      .catch((error: unknown) => {
        if (isFlagsError(error) && error.message.includes('body is not there')) return 'lost';
        throw error;
      });
    const answers = { accepted: true, fenced: false, 'must-publish': 'lost' } as const;
    deepStrictEqual(reply, answers[expected.reply]);
    this.state = expected.state;
    this.count(`publish ${reply}`);
  }

  private async confirm(): Promise<void> {
    const revision =
      this.random.next() < 0.7 ? (this.state.record?.revision ?? 0) : this.someRevision();
    this.operation = `confirm ${revision} at ${this.now}`;
    const expected = confirm(this.state, revision, this.now);
    deepStrictEqual(await this.store.confirm(revision), expected.reply);
    this.state = expected.state;
    this.count(`confirm ${expected.reply}`);
  }

  private async lead(): Promise<void> {
    const owner = this.random.pick(names);
    const leaseMs = this.random.pick([22_000, 1_000.4]);
    const floor = this.random.pick([0, 0, 0, this.heldRevision(), this.someRevision()]);
    this.operation = `lead ${JSON.stringify({ owner, leaseMs, floor })} at ${this.now}`;
    const expected = acquire(this.state, { owner, leaseMs, floor }, this.now);
    const token = await this.store.lease?.acquireWithToken?.(owner, leaseMs, floor);
    deepStrictEqual(token, expected.reply);
    this.state = expected.state;
    this.count(token === undefined ? 'lead of another' : 'lead taken');
  }

  private async resign(): Promise<void> {
    const owner = this.random.pick([this.state.lease?.owner ?? 'a', 'b']);
    this.operation = `resign ${owner}`;
    await this.store.lease?.release(owner);
    this.state = giveUp(this.state, owner);
    this.count('resign');
  }

  private async leave(): Promise<void> {
    const name = this.random.pick(names);
    this.operation = `leave ${name}`;
    await claimsOf(this.store).leave(name);
    this.state = leave(this.state, name);
    this.count('leave');
  }

  private async readMembers(): Promise<void> {
    this.operation = 'members';
    const members = await claimsOf(this.store).members();
    const expected = [...this.state.members].map(([instance, { seenAt, revision, ageMs }]) => ({
      instance,
      revision,
      ageMs,
      seenAgoMs: Math.max(0, this.now - seenAt),
      leads: instance === this.state.leader,
    }));
    const byName = (a: { instance: string }, b: { instance: string }): number =>
      a.instance.localeCompare(b.instance);
    deepStrictEqual(members.toSorted(byName), expected.toSorted(byName));
    this.count('members');
  }

  private async readHead(): Promise<void> {
    this.operation = 'head';
    const { record, verifiedAt } = this.state;
    const expected = record && { ...record, ageMs: Math.max(0, this.now - verifiedAt) };
    deepStrictEqual(await this.store.readHead(), expected);
    this.count('head');
  }

  /** Time passes, and what expires is gone: the server's own clock knows nothing of this time. */
  private async pass(): Promise<void> {
    const ms = this.random.pick([
      1, 400, 5_000, 12_000, 30_000, 600_000, 4_000_000, -2_000, -300_000,
    ]);
    this.operation = `${ms} ms pass`;
    this.now += ms;
    if (ms < 0) this.count('time back');
    const expired = [...this.state.bodies.keys()].filter(
      (revision) => !hasBody(this.state, revision, this.now),
    );
    await this.forget(expired);
  }

  private async loseBody(): Promise<void> {
    this.operation = 'a body is lost';
    const { record } = this.state;
    if (record !== undefined) await this.forget([record.revision]);
  }

  private async wipe(): Promise<void> {
    this.operation = 'everything is lost';
    await this.remove();
    this.state = emptyClaimState;
    this.count('wipe');
  }

  private stage(revision: number): void {
    this.revisions.add(revision);
    if (!this.compared.losesWrites) this.state = stageBody(this.state, revision, this.now);
  }

  private async forget(revisions: readonly number[]): Promise<void> {
    const bodies = new Map(this.state.bodies);
    for (const revision of revisions) bodies.delete(revision);
    this.state = { ...this.state, bodies };
    await this.compared.forget(revisions);
  }

  private async compareStates(): Promise<void> {
    this.operation = 'comparing the states';
    const fields = await this.compared.fields();
    const expected = Object.entries(fieldsOf(this.state));
    const stored = expected.map(([name, value]) => [
      name,
      fields.get(name) ?? (typeof value === 'number' ? '0' : ''),
    ]);
    deepStrictEqual(
      stored,
      expected.map(([name, value]) => [name, `${value}`]),
    );
    deepStrictEqual(
      [...fields.keys()].filter((name) => !(name in fieldsOf(this.state))),
      [],
    );
    await this.compareBodies();
  }

  private async compareBodies(): Promise<void> {
    for (const revision of this.revisions) {
      const expected = this.state.bodies.get(revision) ?? 0;
      const lives = expected === Infinity ? 'for ever' : expected > this.now ? 'for a time' : 'not';
      deepStrictEqual([revision, await this.compared.lifeOf(revision)], [revision, lives]);
      if (lives === 'not') this.revisions.delete(revision);
    }
  }

  /** In every other lane no instance holds what the store has not given. */
  private heldRevision(): number {
    const stored = this.state.record?.revision ?? 0;
    return this.seed % 2 === 0 ? this.random.pick([0, stored]) : this.someRevision();
  }

  /** Numbers that mean something here, and some that are beyond all sense. */
  private someRevision(): number {
    const { token, record, floor } = this.state;
    return this.random.pick(
      [
        0,
        record?.revision ?? 0,
        token,
        token - 1,
        token + 1,
        floor,
        this.now + 500,
        startAt,
        2 ** 51 + 1,
        2 ** 60,
      ].map((revision) => Math.max(0, revision)),
    );
  }

  private count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}

function recordFor(revision: number): NewRecord {
  const digest = `d${revision % 3}`;
  const etag = revision % 4 === 0 ? undefined : `"${revision}"`;
  return { schema: 1, digest, etag, codec: 'json', body: `of ${revision}` };
}

function withContent(result: ClaimResult) {
  if (result.kind !== 'new') return result;
  const { kind, record, nextDueMs } = result;
  return { kind, content: contentOf(record), nextDueMs };
}

/** What all stores together must have been asked: every kind of answer, so often at least. */
export function rareOutcomes(
  compared: readonly ClaimsUnderComparison[],
  atLeast: number,
): readonly string[] {
  const countOf = (outcome: string): number =>
    compared.reduce((sum, { outcomes }) => sum + (outcomes.get(outcome) ?? 0), 0);
  return everyOutcome.filter((outcome) => countOf(outcome) < atLeast);
}

/** The state as a store has it that keeps its fields by name; the lease lies apart from it. */
function fieldsOf(state: ClaimState): Record<string, string | number> {
  const { record, bodies: _bodies, members: _members, lease: _lease, ...flat } = state;
  const { holder = '', leader = '', reason = '' } = flat;
  return {
    ...flat,
    holder,
    leader,
    reason,
    schema: record?.schema ?? 0,
    revision: record?.revision ?? 0,
    digest: record?.digest ?? '',
    etag: record?.etag ?? '',
    codec: record?.codec ?? '',
    sizeBytes: record?.sizeBytes ?? 0,
  };
}

const everyOutcome = [
  'check granted',
  'check held',
  'check not-due',
  'check granted must-publish',
  'check with etag',
  'check with digest',
  'finish new accepted',
  'finish new must-publish',
  'finish new fenced',
  'finish same accepted',
  'finish same must-publish',
  'finish same fenced',
  'finish failed accepted',
  'finish failed fenced',
  'finish handed-over accepted',
  'finish unheard accepted',
  'publish true',
  'publish false',
  'publish lost',
  'confirm true',
  'confirm false',
  'lead taken',
  'lead of another',
  'resign',
  'members',
  'head',
  'leave',
  'wipe',
  'time back',
];
