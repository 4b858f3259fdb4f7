/**
 * The protocol with one of its rules taken out: each mutant is what a well-meant simplification
 * would make of it. They live here, as wrappers around the shipped parts; the parts have no
 * switch. A mutant that no run catches would say that the checks see nothing.
 */
import type { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import type { DefinitionCache } from '../../lib/core/cache/definition-cache.js';
import type { CheckReply, CheckRequest, ClaimStore } from '../../lib/core/coordination/claim-store.js'; // prettier-ignore
import type { Invariant } from './invariants/violation.js';
import type { MixName } from './mixes.js';
import type { Mutations } from './world/fleet.js';

export interface Mutant {
  readonly name: string;
  readonly mutations: Mutations;
  /** Where it shows. */
  readonly mix: MixName;
  /** Broken first, in one of the runs. */
  readonly breaks: readonly Invariant[];
}

const goesBack: readonly Invariant[] = ['S1', 'S2', 'S3', 'content'];

export const mutants: readonly Mutant[] = [
  {
    name: 'no fence, and no clock of its own by which a claim runs out',
    mix: 'pause',
    breaks: goesBack,
    mutations: { rules: withoutFence, claimClock: (clock) => ({ ...clock, monotonicMs: () => 0 }) },
  },
  {
    name: 'no fence against requests that arrive late',
    mix: 'delay',
    breaks: goesBack,
    mutations: { rules: withoutFence },
  },
  {
    name: 'tokens that are counted, instead of following clock and fleet',
    mix: 'loss',
    breaks: ['S1', 'S2', 'L-b'],
    mutations: {
      rules: (claims, records) => renumbered(claims, records, ({ token }) => token + 1),
    },
  },
  {
    name: 'tokens that follow the fleet, but not the clock',
    mix: 'loss',
    breaks: ['S1', 'S2', 'S3', 'content', 'L-b'],
    mutations: {
      rules: (claims, records) =>
        renumbered(claims, records, ({ token, floor, revision }, request) => {
          return Math.max(token, floor, revision, request.token) + 1;
        }),
    },
  },
  {
    name: 'no hold after a time alone',
    mix: 'partition',
    breaks: ['S2', 'content'],
    mutations: { cache: withoutHold },
  },
  {
    name: 'a hold that ends with the first answer, verified or not',
    mix: 'partition',
    breaks: ['S2', 'content'],
    mutations: { cache: withShortHold },
  },
  {
    name: 'content taken over whatever its revision',
    mix: 'failover',
    breaks: ['content'],
    mutations: { cache: takingAnything },
  },
];

/** Accepts every finish as if its claim were the last one granted. */
function withoutFence(claims: ClaimStore, records: MemoryRecordStore): ClaimStore {
  return {
    ...claims,
    finish: async (request) => {
      const { instance, token } = request;
      const before = records.claimState;
      records.replaceClaimState({ ...before, holder: instance, token });
      const reply = await claims.finish(request);
      const { claimState } = records;
      records.replaceClaimState({ ...claimState, token: Math.max(before.token, token) });
      return reply;
    },
  };
}

interface Numbers {
  readonly token: number;
  readonly floor: number;
  readonly revision: number;
}

/** Gives the tokens other numbers than the rules do. */
function renumbered(
  claims: ClaimStore,
  records: MemoryRecordStore,
  next: (before: Numbers, request: CheckRequest) => number,
): ClaimStore {
  return {
    ...claims,
    check: async (request): Promise<CheckReply> => {
      const { token: before } = records.claimState;
      const reply = await claims.check(request);
      if (reply.verdict !== 'granted') return reply;
      const { floor, record } = records.claimState;
      const token = next({ token: before, floor, revision: record?.revision ?? 0 }, request);
      records.replaceClaimState({ ...records.claimState, token });
      return { ...reply, token };
    },
  };
}

/** A cache some of whose methods are others. */
function changed(cache: DefinitionCache, methods: Partial<DefinitionCache>): DefinitionCache {
  return {
    pace: cache.pace,
    check: (facts) => cache.check(facts),
    read: () => cache.read(),
    publish: (grant, publication) => cache.publish(grant, publication),
    confirm: (grant, publication) => cache.confirm(grant, publication),
    fail: (grant, failure, nextDueMs) => cache.fail(grant, failure, nextDueMs),
    watch: (onChanged) => cache.watch?.(onChanged) ?? (() => undefined),
    shutdown: () => cache.shutdown(),
    ...methods,
  };
}

/** After an outage the cache does not say where its tokens stand: there is nothing to wait for. */
function withoutHold(cache: DefinitionCache): DefinitionCache {
  let wasAway = false;
  return changed(cache, {
    check: async (facts) => {
      // Away until it has answered; also when it hangs.
      const returns = wasAway;
      wasAway = true;
      const verdict = await cache.check(facts);
      wasAway = false;
      return returns ? { ...verdict, shared: { ...verdict.shared, token: undefined } } : verdict;
    },
  });
}

function withShortHold(cache: DefinitionCache): DefinitionCache {
  return changed(cache, {
    check: async (facts) => {
      const verdict = await cache.check(facts);
      return { ...verdict, shared: { ...verdict.shared, verifiedToken: Number.MAX_SAFE_INTEGER } };
    },
  });
}

/** Older content counts as newer, and comes without a number that would say otherwise. */
function takingAnything(cache: DefinitionCache): DefinitionCache {
  return changed(cache, {
    check: async (facts) => {
      const verdict = await cache.check(facts);
      const { shared } = verdict;
      if (shared.content !== 'older') return verdict;
      return { ...verdict, shared: { ...shared, content: 'newer' } };
    },
    read: async () => {
      const shared = await cache.read();
      return shared && { ...shared, revision: undefined };
    },
  });
}
