/**
 * Records, claims and a lease over a register: the whole of a {@link RecordStore}, for a backend that gives
 * a value to be replaced, a place for bodies, a place for signs of life, and perhaps a hint when
 * something has changed.
 */
import { headOfBody } from '../cache/body-store.js';
import { contentOf, type NewRecord } from '../cache/definition-record.js';
import type { RecordBody, RecordHead } from '../cache/definition-record.js';
import type { RecordStore } from '../cache/record-store.js';
import { confirm, loseBody, publish, stageBody } from '../coordination/claim-publication.js';
import type { ClaimStore } from '../coordination/claim-store.js';
import type { LeaseStore } from '../coordination/lease-store.js';
import type { Unsubscribe } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import type { Register, RegisterBodies, RegisterMembers } from './register.js';
import { RegisterAccess, type RegisterView } from './register-access.js';
import { RegisterClaims } from './register-claims.js';
import { RegisterLease } from './register-lease.js';
import type { RegisterTime } from './register-time.js';

export interface RegisterRecordStoreParts {
  /** Where it is, for logs and errors; never a secret. */
  readonly description: string;
  /** What tells this cache apart from others in the same place. */
  readonly key?: string;
  /** What is not certain there, as a sentence for the log. */
  readonly caveat?: string;
  readonly register: Register;
  readonly bodies: RegisterBodies;
  readonly members: RegisterMembers;
  readonly time: RegisterTime;
  readonly clock: Clock;
  readonly random?: () => number;
  /** How often an instance signs at most, in milliseconds. @default 5_000 */
  readonly signEveryMs?: number;
  /** Hints; without it there are only checks. */
  readonly push?: RegisterPush;
  readonly close?: () => Promise<void> | void;
}

/** How instances tell each other that there is something new. */
export interface RegisterPush {
  readonly tell: () => void;
  readonly subscribe: (onChanged: () => void) => Unsubscribe;
}

const SIGN_EVERY_MS = 5_000;

export class RegisterRecordStore implements RecordStore {
  readonly description: string;
  readonly key?: string;
  readonly caveat?: string;
  readonly claims: ClaimStore;
  readonly lease: LeaseStore;
  readonly watch?: (onChanged: () => void) => Unsubscribe;
  private readonly access: RegisterAccess;
  private readonly registerClaims: RegisterClaims;

  constructor(private readonly parts: RegisterRecordStoreParts) {
    const {
      description,
      key,
      caveat,
      push,
      random = Math.random,
      signEveryMs = SIGN_EVERY_MS,
    } = parts;
    const { register, bodies, members, time, clock } = parts;
    this.description = description;
    if (key !== undefined) this.key = key;
    if (caveat !== undefined) this.caveat = caveat;
    this.access = new RegisterAccess({ register, time, clock, random, description });
    const onPublished = (): void => push?.tell();
    const { access } = this;
    this.registerClaims = new RegisterClaims({ access, bodies, members, signEveryMs, onPublished });
    this.claims = this.registerClaims;
    this.lease = new RegisterLease(access);
    if (push !== undefined) this.watch = (onChanged) => push.subscribe(onChanged);
  }

  async readHead(): Promise<RecordHead | undefined> {
    return headIn(await this.access.view());
  }

  async readBody(revision: number): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const [current, stored] = await Promise.all([
      this.readHead(),
      this.parts.bodies.read(revision),
    ]);
    const found = headOfBody(current, stored, revision);
    if (found === undefined && current?.revision === revision) await this.sayLost(revision);
    return found;
  }

  async publish(record: NewRecord, revision: number): Promise<boolean> {
    const body = { ...record, revision };
    const reply = await this.registerClaims.publish(body, ({ state, nowMs }) =>
      publish(stageBody(state, revision, nowMs), contentOf(record), revision, nowMs),
    );
    return reply === 'accepted';
  }

  async confirm(revision: number): Promise<boolean> {
    const { reply } = await this.access.change(({ state, nowMs }) =>
      confirm(state, revision, nowMs),
    );
    return reply;
  }

  async close(): Promise<void> {
    this.access.close();
    await this.parts.close?.();
  }

  /**
   * A look reads no body, and who holds the same content confirms it: so who has found none leaves
   * word. Best effort, for an instance may be allowed to read only.
   */
  private async sayLost(revision: number): Promise<void> {
    const change = this.access.change(({ state }) => ({
      state: loseBody(state, revision),
      reply: undefined,
    }));
    await change.catch(() => undefined);
  }
}

function headIn({ state, nowMs }: RegisterView): RecordHead | undefined {
  const { record, verifiedAt } = state;
  return record && { ...record, ageMs: Math.max(0, nowMs - verifiedAt) };
}
