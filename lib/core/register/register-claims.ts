/**
 * Refresh claims in a register: the rules of `claim-rules.ts`, each applied to what was read and
 * written back only if nobody was quicker. A check that finds nothing due only reads; now and then
 * the instance leaves a sign of life, apart from the register, so that a fleet that waits does not
 * contend for it.
 */
import type { StoredBody } from '../cache/body-store.js';
import { contentOf } from '../cache/definition-record.js';
import { leave, stageBody } from '../coordination/claim-publication.js';
import { check, finish } from '../coordination/claim-rules.js';
import type { ClaimState, MemberState } from '../coordination/claim-state.js';
import type {
  CheckReply,
  CheckRequest,
  ClaimStore,
  FinishReply,
  FinishRequest,
  FleetMember,
} from '../coordination/claim-store.js';
import { wholeNumber } from '../coordination/whole-number.js';
import type { RegisterBodies, RegisterMembers } from './register.js';
import type { RegisterAccess, RegisterView } from './register-access.js';

export interface RegisterClaimsParts {
  readonly access: RegisterAccess;
  readonly bodies: RegisterBodies;
  readonly members: RegisterMembers;
  /** How often an instance signs at most, in milliseconds. Three missed signs, and it is gone. */
  readonly signEveryMs: number;
  /** Called when this instance has published. */
  readonly onPublished: () => void;
}

const MISSED_SIGNS = 3;

/** The parts of the state that a check may change; members are none of them. */
const checked = [
  'token',
  'leaseEndsAt',
  'dueAt',
  'finishedAt',
  'verifiedAt',
  'floor',
] as const satisfies readonly (keyof ClaimState)[];

interface Signature {
  readonly atMs: number;
  readonly revision: number;
}

export class RegisterClaims implements ClaimStore {
  readonly longestSilenceMs: number;
  private readonly signed = new Map<string, Signature>();

  constructor(private readonly parts: RegisterClaimsParts) {
    this.longestSilenceMs = MISSED_SIGNS * parts.signEveryMs;
  }

  async check(request: CheckRequest): Promise<CheckReply> {
    const { access } = this.parts;
    const { reply } = await access.change(async (view) => {
      await this.sign(request, view.nowMs);
      const { state, reply: found } = check(view.state, request, view.nowMs);
      const isGranted = found.verdict === 'granted';
      const instances = isGranted ? await this.countAlive(request, view) : view.value.instances;
      const isChanged = checked.some((name) => state[name] !== view.state[name]);
      const answer = { ...found, instances: Math.max(1, instances) };
      return { state: isChanged ? state : view.state, reply: answer, instances };
    });
    return reply;
  }

  /** With new content the body goes first: it is there before anything points to it. */
  async finish({ instance, token, result }: FinishRequest): Promise<FinishReply> {
    const { access } = this.parts;
    if (result.kind !== 'new') {
      const ended = await access.change((view) =>
        finish(view.state, { instance, token, result }, view.nowMs),
      );
      return ended.reply;
    }
    const { kind, record, nextDueMs } = result;
    const claim = { instance, token, result: { kind, content: contentOf(record), nextDueMs } };
    return this.publish({ ...record, revision: token }, ({ state, nowMs }) =>
      finish(stageBody(state, token, nowMs), claim, nowMs),
    );
  }

  /** Lays a body down, and makes the rule's state point to it. */
  async publish(
    body: StoredBody,
    rule: (view: RegisterView) => { readonly state: ClaimState; readonly reply: FinishReply },
  ): Promise<FinishReply> {
    const { access, bodies, onPublished } = this.parts;
    const isThere = await bodies.write(body);
    const { state, reply } = await access.change((view) => {
      const ruled = rule(view);
      if (ruled.reply !== 'accepted') return { state: view.state, reply: ruled.reply };
      return isThere ? ruled : { state: view.state, reply: 'must-publish' as const };
    });
    if (reply !== 'accepted') return reply;
    onPublished();
    // Tidying may fail: what was published is published.
    await bodies.keepOnly([...state.bodies.keys()]).catch(() => undefined);
    return reply;
  }

  async leave(instance: string): Promise<void> {
    const { access, members } = this.parts;
    this.signed.delete(instance);
    await members.forget([instance]);
    await access.change(({ state }) => ({
      state: state.leader === instance ? leave(state, instance) : state,
      reply: undefined,
    }));
  }

  async members(): Promise<readonly FleetMember[]> {
    const { access, members } = this.parts;
    const [{ state, nowMs }, all] = await Promise.all([access.view(), members.all()]);
    return [...all].map(([instance, { seenAt, revision, ageMs }]) => ({
      instance,
      revision,
      ageMs,
      seenAgoMs: Math.max(0, nowMs - seenAt),
      leads: instance === state.leader,
    }));
  }

  /** Soon when it holds something else than it has said, else now and then. */
  private async sign(request: CheckRequest, nowMs: number): Promise<void> {
    const { members, signEveryMs } = this.parts;
    const { instance, revision, ageMs } = request;
    const last = this.signed.get(instance);
    const isSigned =
      last?.revision === revision && nowMs >= last.atMs && nowMs - last.atMs < signEveryMs;
    if (isSigned) return;
    const age = ageMs === undefined ? undefined : wholeNumber(ageMs);
    await members.sign(instance, { seenAt: nowMs, revision: wholeNumber(revision), ageMs: age });
    this.signed.set(instance, { atMs: nowMs, revision });
  }

  /** Those that have signed lately; the others are forgotten. */
  private async countAlive(request: CheckRequest, { nowMs }: RegisterView): Promise<number> {
    const { members } = this.parts;
    const ttlMs = Math.max(wholeNumber(request.memberTtlMs), this.longestSilenceMs);
    const isAlive = ({ seenAt }: MemberState): boolean => Math.abs(nowMs - seenAt) <= ttlMs;
    const all = [...(await members.all())];
    const gone = all.filter(([, member]) => !isAlive(member)).map(([instance]) => instance);
    if (gone.length > 0) await members.forget(gone);
    return all.length - gone.length;
  }
}
