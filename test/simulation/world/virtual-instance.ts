/**
 * One instance of the app: the shipped refresh cycle, poller and shared cache in a virtual
 * process, started and ended as the module does it.
 */
import type { DefinitionCache } from '../../../lib/core/cache/definition-cache.js';
import { SharedDefinitionCache } from '../../../lib/core/cache/shared-definition-cache.js';
import type { RecordStore } from '../../../lib/core/cache/record-store.js';
import { ClaimedCoordination } from '../../../lib/core/coordination/claimed.js';
import type { Coordination } from '../../../lib/core/coordination/coordination.js';
import type { CheckReply, ClaimStore } from '../../../lib/core/coordination/claim-store.js';
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
} from '../../../lib/core/definitions/definition-source.js';
import type { FlagsEvent } from '../../../lib/core/observe/flags-event.js';
import { RefreshCycle } from '../../../lib/core/refresh/refresh-cycle.js';
import type { RefreshSettings } from '../../../lib/core/refresh/refresh-settings.js';
import { SnapshotStore } from '../../../lib/core/snapshot/snapshot-store.js';
import { withDeadline } from '../../../lib/core/time/deadline.js';
import type { Clock } from '../../../lib/core/time/clock.js';
import { DefinitionPoller } from '../../../lib/polling/definition-poller.js';
import type { FetchRight, FetchWindow, Tell } from '../trace.js';
import { contentOf } from './content.js';
import type { Member } from './member.js';
import type { Random } from './random.js';
import type { VirtualProcess } from './virtual-process.js';
import type { VirtualRecordStore, Witness } from './virtual-record-store.js';
import type { VirtualSource } from './virtual-source.js';
import type { World } from './world.js';

export type InstanceSettings = RefreshSettings & { readonly leaseMs: number };

/** Parts of an instance made others than they are, for tests of the tests. */
export interface InstanceMutations {
  readonly claims?: (claims: ClaimStore) => ClaimStore;
  /** The clock by which the coordination measures its lease. */
  readonly claimClock?: (clock: Clock) => Clock;
  /** Who fetches; undefined leaves it to claims. */
  readonly coordination?: (parts: VirtualInstanceParts) => Coordination | undefined;
  readonly cache?: (cache: DefinitionCache) => DefinitionCache;
  readonly source?: (source: DefinitionSource) => DefinitionSource;
  /** Is told every event, beside the trace. */
  readonly observe?: (event: FlagsEvent) => void;
}

export interface VirtualInstanceParts {
  readonly world: World;
  readonly random: Random;
  readonly tell: Tell;
  readonly process: VirtualProcess;
  readonly settings: InstanceSettings;
  readonly store: VirtualRecordStore;
  readonly source: VirtualSource;
  readonly mutations: InstanceMutations;
}

const INITIAL_LOAD_TIMEOUT_MS = 3_000;

export class VirtualInstance implements Member {
  readonly snapshots = new SnapshotStore();
  readonly cycle: RefreshCycle;
  private readonly poller: DefinitionPoller;
  private isClosing = false;
  private lastReply: CheckReply | undefined;
  private checks = 0;
  private holdsClaim = false;
  private fetchStartedAt = 0;
  private lastFetch: FetchWindow | undefined;
  private fetched: string | undefined;

  constructor(private readonly parts: VirtualInstanceParts) {
    const { process, settings, random, mutations } = parts;
    const { clock } = process;
    const cache = this.cacheOf(random);
    const source = this.sourceOf();
    const observer = { onEvent: (event: FlagsEvent) => this.observe(event) };
    const changed = mutations.cache?.(cache) ?? cache;
    this.snapshots.subscribe(({ current }) => {
      const content = contentOf(current) ?? undefined;
      this.tell({ type: 'applied', revision: current.revision, content });
    });
    this.cycle = new RefreshCycle({
      source,
      cache: changed,
      store: this.snapshots,
      clock,
      observer,
      settings,
      random: () => random.next(),
    });
    this.poller = new DefinitionPoller({
      cycle: this.cycle,
      clock,
      registry: undefined,
      watched: [source, changed],
    });
  }

  get name(): string {
    return this.parts.process.name;
  }

  get process(): VirtualProcess {
    return this.parts.process;
  }

  get alive(): boolean {
    return this.process.alive;
  }

  boot(): void {
    const { process, tell } = this.parts;
    const { clock } = process;
    tell({ type: 'booted', instance: this.name, rate: process.rate });
    const deadline = { clock, ms: INITIAL_LOAD_TIMEOUT_MS, what: 'The first load' };
    void withDeadline(deadline, () => this.cycle.turn())
      .catch(() => undefined)
      .then(() => {
        if (!this.isClosing) this.poller.start();
      });
  }

  /** Ends as on SIGTERM; the process dies when it is done. */
  close(): void {
    if (this.isClosing || !this.alive) return;
    this.isClosing = true;
    const { process, tell } = this.parts;
    const startedAtMs = process.clock.monotonicMs();
    tell({ type: 'closing', instance: this.name });
    process.deliver(() => {
      void Promise.all([this.poller.stop(), this.cycle.close()]).then(() => {
        const tookMs = process.clock.monotonicMs() - startedAtMs;
        tell({ type: 'closed', instance: this.name, tookMs });
        this.crash();
      });
    });
  }

  crash(): void {
    if (!this.alive) return;
    this.process.crash();
    this.parts.tell({ type: 'died', instance: this.name });
  }

  /** Evaluates in the middle of whatever goes on. */
  evaluate(): void {
    const { current } = this.snapshots;
    if (!this.alive || current === undefined) return;
    const fault = contentOf(current) === undefined ? 'an unknown set of flags' : undefined;
    this.tell({ type: 'evaluated', fault });
  }

  private cacheOf(random: Random): SharedDefinitionCache {
    const { process, settings, store, mutations } = this.parts;
    const records: RecordStore = store.connectionOf(process, this.witness());
    const chosen = mutations.coordination?.(this.parts);
    if (chosen !== undefined) return new SharedDefinitionCache({ records, coordination: chosen });
    const connected = records.claims;
    if (connected === undefined) throw new Error('The virtual store grants claims.');
    const claims = mutations.claims?.(connected) ?? connected;
    const clock = mutations.claimClock?.(process.clock) ?? process.clock;
    const coordination = new ClaimedCoordination({
      claims,
      settings,
      clock,
      random: () => random.next(),
      instance: process.name,
    });
    return new SharedDefinitionCache({ records, coordination });
  }

  private sourceOf(): DefinitionSource {
    const { source, process, mutations } = this.parts;
    const connected = source.connectionOf(process, {
      started: () => this.fetchStarted(),
      ended: (answer) => this.fetchEnded(answer),
    });
    return mutations.source?.(connected) ?? connected;
  }

  private witness(): Witness {
    const lastFetch = (): FetchWindow | undefined => this.lastFetch;
    return {
      get lastFetch() {
        return lastFetch();
      },
      contentOfFinish: ({ result }) => {
        if (result.kind !== 'new' && result.kind !== 'same') return undefined;
        const { current } = this.snapshots;
        return this.fetched ?? (current && contentOf(current));
      },
      checks: () => this.checkBegun(),
      onFinishSent: () => {
        this.holdsClaim = false;
      },
    };
  }

  /** An answer counts while the cycle waits for it: not when it is late, nor to an older check. */
  private checkBegun(): (reply: CheckReply) => void {
    const { process, settings } = this.parts;
    const askedAtMs = process.clock.monotonicMs();
    this.lastReply = undefined;
    this.holdsClaim = false;
    this.checks += 1;
    const check = this.checks;
    return (reply) => {
      const tookMs = process.clock.monotonicMs() - askedAtMs;
      if (check !== this.checks || tookMs > settings.cacheTimeoutMs) return;
      this.lastReply = reply;
      this.holdsClaim = reply.verdict === 'granted';
    };
  }

  private fetchStarted(): void {
    this.fetchStartedAt = this.parts.world.nowMs;
    this.lastFetch = undefined;
    this.fetched = undefined;
    this.tell({ type: 'fetch-started', right: this.right() });
  }

  private right(): FetchRight {
    if (this.holdsClaim) return 'claim';
    if (this.lastReply === undefined) return 'cache-away';
    return this.snapshots.current === undefined ? 'cold' : 'none';
  }

  private fetchEnded(answer: DefinitionSourceAnswer): void {
    this.lastFetch = { startedAt: this.fetchStartedAt, endedAt: this.parts.world.nowMs };
    this.fetched =
      answer.kind === 'definitions' ? answer.etag?.replace(/^W\/"|(#\d+)?"$/g, '') : undefined;
    const said = answer.kind === 'failed' ? answer.failure.code : answer.kind;
    this.tell({ type: 'fetch-ended', answer: said });
  }

  private observe(event: FlagsEvent): void {
    this.parts.mutations.observe?.(event);
    if (event.type !== 'turn-finished') return;
    const { outcome } = event;
    const why = outcome.kind === 'waiting' ? `:${outcome.why}` : '';
    const instances = this.lastReply?.instances;
    this.tell({ type: 'turn', outcome: `${outcome.kind}${why}`, instances });
  }

  private tell(fact: OwnFact): void {
    this.parts.tell({ ...fact, instance: this.name });
  }
}

type OwnFact = Parameters<Tell>[0] extends infer Fact
  ? Fact extends { readonly instance: string }
    ? Omit<Fact, 'instance'>
    : never
  : never;
