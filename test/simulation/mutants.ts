/**
 * The protocol with one of its rules taken out: each mutant is what a well-meant simplification
 * would make of it. They live here, as wrappers around the shipped parts; the parts have no
 * switch. Each says what catches it: a mix of random faults with the invariants that break first,
 * or a scenario where other rules would mask the missing one. One that nothing catches would say
 * that the checks see nothing.
 */
import type { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import type { DefinitionCache } from '../../lib/core/cache/definition-cache.js';
import type { CheckReply, CheckRequest, ClaimStore } from '../../lib/core/coordination/claim-store.js'; // prettier-ignore
import type { DefinitionSource } from '../../lib/core/definitions/definition-source.js';
import type { Invariant } from './invariants/violation.js';
import type { MixName } from './mixes.js';
import type { ScenarioName } from './scenarios.js';
import type { Mutations } from './world/fleet.js';

/** What catches a mutant. */
export type Catch =
  /** One of some hundred runs of this mix, by one of these invariants. */
  | { readonly mix: MixName; readonly breaks: readonly Invariant[] }
  | { readonly scenario: ScenarioName };

export interface Mutant {
  readonly name: string;
  readonly mutations: Mutations;
  readonly caughtBy: Catch;
}

const goesBack: readonly Invariant[] = ['S1', 'S2', 'S3', 'content'];

export const mutants: readonly Mutant[] = [
  {
    name: 'no fence, and no clock of its own by which a claim runs out',
    caughtBy: { mix: 'pause', breaks: goesBack },
    mutations: { rules: withoutFence, claimClock: (clock) => ({ ...clock, monotonicMs: () => 0 }) },
  },
  {
    name: 'no fence against requests that arrive late',
    caughtBy: { mix: 'delay', breaks: goesBack },
    mutations: { rules: withoutFence },
  },
  {
    name: 'tokens that are counted, instead of following clock and fleet',
    caughtBy: { mix: 'loss', breaks: ['S1', 'S2', 'L-b'] },
    mutations: {
      rules: (claims, records) => renumbered(claims, records, ({ token }) => token + 1),
    },
  },
  {
    name: 'tokens that follow the fleet, but not the clock',
    caughtBy: { mix: 'loss', breaks: ['S1', 'S2', 'S3', 'content', 'L-b'] },
    mutations: {
      rules: (claims, records) =>
        renumbered(claims, records, ({ token, floor, revision }, request) => {
          return Math.max(token, floor, revision, request.token) + 1;
        }),
    },
  },
  {
    name: 'no hold after a time alone',
    caughtBy: { mix: 'partition', breaks: ['S2', 'content'] },
    mutations: { cache: withoutHold },
  },
  {
    name: 'a hold that ends with the first answer, verified or not',
    caughtBy: { mix: 'partition', breaks: ['S2', 'content'] },
    mutations: { cache: withShortHold },
  },
  {
    name: 'a hold that is lost in a second outage',
    caughtBy: { scenario: 'a hold survives a second outage' },
    mutations: { cache: withForgetfulHold },
  },
  {
    name: 'a second look at a drop of all flags',
    caughtBy: { mix: 'mistakes', breaks: ['S5', 'S7'] },
    mutations: { settings: { confirmDropAbove: 1 } },
  },
  {
    name: 'a look at the versions of the flags',
    caughtBy: { mix: 'mistakes', breaks: ['S3', 'content'] },
    mutations: { source: withoutVersions },
  },
  {
    name: 'content taken over whatever its revision',
    caughtBy: { mix: 'failover', breaks: ['content'] },
    mutations: { cache: takingAnything },
  },
  {
    name: 'no clock of its own by which a claim runs out: the fence of the store has to do',
    caughtBy: { scenario: 'a claim that has run out is not finished' },
    mutations: { claimClock: (clock) => ({ ...clock, monotonicMs: () => 0 }) },
  },
  {
    name: 'no clamp: times that cannot be are believed',
    caughtBy: { scenario: 'a clock that jumped back does not stop the refresh' },
    mutations: { rules: withoutClamp },
  },
  {
    name: 'no sit-out: who has failed asks again before the others',
    caughtBy: { scenario: 'the many who cannot reach the source let the one who can' },
    mutations: { claims: (claims) => asking(claims, { sitOutMs: 0 }) },
  },
  {
    name: 'an etag that belongs to the process, not to the data',
    caughtBy: { scenario: 'a leader asks with the etag of what it holds (A-B-A)' },
    mutations: { source: withEtagOfItsOwn },
  },
  {
    name: 'no kick, so that who asks for a refresh waits for the next one',
    caughtBy: { scenario: 'a refresh that is asked for comes soon' },
    mutations: { claims: (claims) => asking(claims, { kick: false }) },
  },
  {
    name: 'no kick, so that who fetched alone holds until the next one',
    caughtBy: { scenario: 'a hold ends soon' },
    mutations: { claims: (claims) => asking(claims, { kick: false }) },
  },
  {
    name: 'no floor: the store does not hear of what it has forgotten',
    caughtBy: { scenario: 'what a failover forgot is published again under a higher number' },
    mutations: { claims: (claims) => asking(claims, { revision: 0 }) },
  },
  {
    name: 'revisions compared, but not digests',
    caughtBy: { scenario: 'the same revision with other content is taken over' },
    mutations: { cache: withoutDigests },
  },
  {
    name: 'no repair of a body that is gone',
    caughtBy: { scenario: 'a body that is gone is put back for who comes next' },
    mutations: { rules: withoutRepair },
  },
  {
    name: 'no budget: each alone asks as if there were no others',
    caughtBy: { scenario: 'an instance alone keeps to its share of the budget' },
    mutations: { cache: withoutFleet },
  },
  {
    name: 'no budget, in a fleet of any size',
    caughtBy: { mix: 'outage', breaks: ['S6'] },
    mutations: { cache: withoutFleet },
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

/** The source says nothing of the order of its answers. */
function withoutVersions(source: DefinitionSource): DefinitionSource {
  return {
    ...source,
    fetch: async (request) => {
      const answer = await source.fetch(request);
      if (answer.kind !== 'definitions') return answer;
      const body = JSON.stringify(answer.body, (name, value: unknown) =>
        name === 'version' ? undefined : value,
      );
      return { ...answer, body: JSON.parse(body) as unknown };
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

/** As above, but only where the hold of the outage before has not ended yet. */
function withForgetfulHold(cache: DefinitionCache): DefinitionCache {
  let wasAway = false;
  let heldAt: number | undefined;
  return changed(cache, {
    check: async (facts) => {
      const returns = wasAway;
      wasAway = true;
      const verdict = await cache.check(facts);
      wasAway = false;
      const { token, verifiedToken = 0 } = verdict.shared;
      const stillHeld = heldAt !== undefined && verifiedToken <= heldAt;
      if (!stillHeld) heldAt = returns ? token : undefined;
      if (!returns || !stillHeld) return verdict;
      return { ...verdict, shared: { ...verdict.shared, token: undefined } };
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

/** Says something else than is so when it looks at the store. */
function asking(claims: ClaimStore, others: Partial<CheckRequest>): ClaimStore {
  return { ...claims, check: (request) => claims.check({ ...request, ...others }) };
}

function withoutClamp(claims: ClaimStore, records: MemoryRecordStore): ClaimStore {
  return {
    ...claims,
    check: (request) => {
      records.replaceClaimState({ ...records.claimState, finishedAt: 0 });
      return claims.check({ ...request, longestDueMs: 60 * 60_000 });
    },
  };
}

/** What `posthog-node` does: the last etag that came, whatever has been read from the cache since. */
function withEtagOfItsOwn(source: DefinitionSource): DefinitionSource {
  let last: string | undefined;
  return {
    description: source.description,
    fetch: async ({ signal, etag }) => {
      const sent = last ?? etag;
      const answer = await source.fetch({ signal, ...(sent === undefined ? {} : { etag: sent }) });
      if (answer.kind !== 'failed') last = answer.etag ?? last;
      return answer;
    },
  };
}

function withoutDigests(cache: DefinitionCache): DefinitionCache {
  return changed(cache, {
    check: async (facts) => {
      const verdict = await cache.check(facts);
      const { shared } = verdict;
      if (shared.revision !== facts.revision || facts.revision === 0) return verdict;
      return { ...verdict, shared: { ...shared, content: 'same' } };
    },
  });
}

/** The store looks at its head alone, and takes the body for granted. */
function withoutRepair(claims: ClaimStore, records: MemoryRecordStore): ClaimStore {
  const supposing = async <T>(work: () => Promise<T>): Promise<T> => {
    const { claimState } = records;
    const { record, bodies } = claimState;
    const isGone = record !== undefined && !bodies.has(record.revision);
    if (!isGone) return work();
    records.replaceClaimState({ ...claimState, bodies: new Map(bodies).set(record.revision, Infinity) }); // prettier-ignore
    const reply = await work();
    const left = new Map(records.claimState.bodies);
    left.delete(record.revision);
    records.replaceClaimState({ ...records.claimState, bodies: left });
    return reply;
  };
  return {
    ...claims,
    check: (request) => supposing(() => claims.check(request)),
    finish: (request) => supposing(() => claims.finish(request)),
  };
}

function withoutFleet(cache: DefinitionCache): DefinitionCache {
  return changed(cache, {
    check: async (facts) => {
      const verdict = await cache.check(facts);
      return { ...verdict, shared: { ...verdict.shared, instances: 1 } };
    },
  });
}
