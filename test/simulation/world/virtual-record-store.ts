/**
 * Records and claims on a virtual server: the shipped model of the store (`MemoryRecordStore`),
 * reached over a network that fails, and with a memory that can be lost, evicted or spoilt.
 */
import { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { emptyClaimState, type ClaimState } from '../../../lib/core/coordination/claim-state.js';
import type {
  CheckReply,
  ClaimStore,
  FinishReply,
  FinishRequest,
} from '../../../lib/core/coordination/claim-store.js';
import type { FetchWindow, Tell } from '../trace.js';
import { garbageBodies } from './content.js';
import type { Random } from './random.js';
import type { VirtualProcess } from './virtual-process.js';
import { VirtualServer } from './virtual-server.js';
import type { KeptStrings } from './virtual-strings.js';
import type { World } from './world.js';

/** What an instance knows that the store is not told: for the trace. */
export interface Witness {
  /** The last fetch that this instance has ended. */
  readonly lastFetch: FetchWindow | undefined;
  /** The content that it holds or is about to take over. */
  contentOfFinish(request: FinishRequest): string | undefined;
  /** The instance looks at the store; the function it returns is told the answer. */
  checks(): (reply: CheckReply) => void;
  onFinishSent(): void;
}

export interface VirtualRecordStoreParts {
  readonly world: World;
  readonly random: Random;
  readonly tell: Tell;
  readonly wallStartsAt: number;
  /** Makes the rules of the store others than they are, for tests of the tests. */
  readonly mutate?: (claims: ClaimStore, records: MemoryRecordStore) => ClaimStore;
}

interface Memory {
  readonly claims: ClaimState;
  readonly strings: KeptStrings;
}

export class VirtualRecordStore {
  readonly server: VirtualServer;
  readonly records: MemoryRecordStore;
  /** Shares of the pushes that are lost, or come twice, and the longest delay. */
  readonly push = { lostShare: 0, twiceShare: 0, longestMs: 3 };
  /** What others than we keep on the same server. */
  strings: KeptStrings = new Map();
  private readonly claims: ClaimStore;
  private taken: Memory | undefined;
  private readonly spoilt = new Map<number, string>();
  private readonly watchers = new Set<() => void>();

  constructor(private readonly parts: VirtualRecordStoreParts) {
    const { world, random, tell, wallStartsAt } = parts;
    const clock = {
      now: () => this.server.now(),
      monotonicMs: () => world.nowMs,
      setTimer: () => () => undefined,
    };
    const records = new MemoryRecordStore(clock);
    this.records = records;
    this.claims = parts.mutate?.(records.claims, records) ?? records.claims;
    this.server = new VirtualServer({
      world,
      random,
      wallStartsAt,
      memory: {
        take: () => this.take(),
        putBack: (taken) => this.putBack(taken as Memory),
        clear: () => this.putBack({ claims: emptyClaimState, strings: new Map() }),
      },
      onLost: (keptUntil) => tell({ type: 'store-lost', keptUntil }),
    });
    records.watch(() => {
      for (const watcher of this.watchers) this.pushTo(watcher);
    });
  }

  evictBodies(): void {
    this.records.replaceClaimState({ ...this.records.claimState, bodies: new Map() });
  }

  /** The head is evicted, the bodies stay. */
  evictHead(): void {
    const { bodies } = this.records.claimState;
    this.records.replaceClaimState({ ...emptyClaimState, bodies });
    this.parts.tell({ type: 'store-lost', keptUntil: Number.NEGATIVE_INFINITY });
  }

  /** Somebody writes under our keys, so that every instance looks at it. */
  spoil(): void {
    const { claimState } = this.records;
    const { record } = claimState;
    if (record === undefined) return;
    this.spoilt.set(record.revision, this.parts.random.pick(garbageBodies));
    const digest = `spoilt-${record.revision}`;
    this.records.replaceClaimState({ ...claimState, record: { ...record, digest } });
  }

  connectionOf(process: VirtualProcess, witness: Witness): RecordStore {
    const { server, records } = this;
    return {
      description: 'the store',
      claims: this.claimsOf(process, witness),
      readHead: () => records.readHead(),
      readBody: (revision) =>
        server.call(process, 'read', 'read-done', async () => {
          this.parts.tell({ type: 'body-read', instance: process.name, revision });
          const read = await records.readBody(revision);
          const spoilt = this.spoilt.get(revision);
          return read === undefined || spoilt === undefined ? read : { ...read, body: spoilt };
        }),
      publish: (record, revision) => records.publish(record, revision),
      confirm: (revision) => records.confirm(revision),
      watch: (onChanged) => {
        const watcher = (): void => process.deliver(onChanged);
        this.watchers.add(watcher);
        return () => {
          this.watchers.delete(watcher);
        };
      },
      close: async () => undefined,
    };
  }

  private claimsOf(process: VirtualProcess, witness: Witness): ClaimStore {
    const { server, claims } = this;
    return {
      check: async (request) => {
        const answered = witness.checks();
        const reply = await server.call(process, 'check', 'checked', async () => {
          const answer = await claims.check(request);
          if (answer.verdict === 'granted') {
            const { token } = answer;
            this.parts.tell({ type: 'granted', instance: process.name, token });
          }
          return answer;
        });
        answered(reply);
        return reply;
      },
      finish: (request) => {
        const told = { content: witness.contentOfFinish(request), fetch: witness.lastFetch };
        witness.onFinishSent();
        return server.call(process, 'finish', 'finished', () => this.finish(request, told));
      },
      leave: (instance) => server.call(process, 'leave', 'left', () => claims.leave(instance)),
      members: () => claims.members(),
    };
  }

  private async finish(
    request: FinishRequest,
    told: { readonly content: string | undefined; readonly fetch: FetchWindow | undefined },
  ): Promise<FinishReply> {
    const { records, claims } = this;
    const before = records.claimState;
    const reply = await claims.finish(request);
    const { instance, token, result } = request;
    const untouched = records.claimState === before;
    const { kind } = result;
    this.parts.tell({ type: 'finished', instance, token, kind, reply, untouched, ...told });
    return reply;
  }

  /** The same value as before, as long as nothing was written. */
  private take(): Memory {
    const { claimState: claims } = this.records;
    const { taken, strings } = this;
    if (taken?.claims === claims && taken.strings === strings) return taken;
    this.taken = { claims, strings };
    return this.taken;
  }

  private putBack({ claims, strings }: Memory): void {
    this.records.replaceClaimState(claims);
    this.strings = strings;
  }

  private pushTo(watcher: () => void): void {
    const { world, random } = this.parts;
    const { lostShare, twiceShare, longestMs } = this.push;
    if (random.chance(lostShare)) return;
    world.after(random.between(0.2, longestMs), watcher);
    if (random.chance(twiceShare)) world.after(random.between(0.2, longestMs), watcher);
  }
}
