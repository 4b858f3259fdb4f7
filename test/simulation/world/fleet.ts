/** A fleet in its world: one source, one store, instances that come and go, and the trace. */
import type { ClaimStore } from '../../../lib/core/coordination/claim-store.js';
import type { MemoryRecordStore } from '../../../lib/core/cache/memory-record-store.js';
import type { TraceEvent, TraceFact } from '../trace.js';
import type { Random } from './random.js';
import type { Member } from './member.js';
import { VirtualInstance, type InstanceMutations } from './virtual-instance.js';
import type { InstanceSettings, VirtualInstanceParts } from './virtual-instance.js';
import { VirtualProcess, type YieldPoint } from './virtual-process.js';
import { VirtualRecordStore } from './virtual-record-store.js';
import { VirtualSource } from './virtual-source.js';
import { World } from './world.js';

export interface Mutations extends InstanceMutations {
  readonly rules?: (claims: ClaimStore, records: MemoryRecordStore) => ClaimStore;
  readonly settings?: Partial<InstanceSettings>;
}

export interface FleetParts {
  readonly seed: number;
  readonly settings?: Partial<InstanceSettings>;
  /** Slowest and fastest clock of an instance. @default 0.99 and 1.01 */
  readonly rates?: readonly [number, number];
  readonly mutations?: Mutations;
  /** Builds an instance. @default the shipped one */
  readonly member?: (parts: VirtualInstanceParts) => Member;
}

/** Waits for an instance at a point, once. */
export interface Ambush {
  readonly point: YieldPoint;
  /** Undefined: whoever comes first. */
  readonly instance?: string;
  readonly act: (instance: Member) => void;
}

export const defaultSettings: InstanceSettings = {
  intervalMs: 30_000,
  checkMs: 5_000,
  jitter: 0.1,
  cacheTimeoutMs: 1_000,
  fetchTimeoutMs: 10_000,
  coldWaitMs: 2_000,
  confirmDropAbove: 0.5,
  onQuotaExceeded: 'keep',
  compile: {},
  leaseMs: 12_000,
};

const WORLD_BEGAN_AT = Date.UTC(2026, 0, 1);
const EVALUATION_GAP_MS = 7_000;

export class Fleet {
  readonly world: World;
  readonly random: Random;
  readonly source: VirtualSource;
  readonly store: VirtualRecordStore;
  readonly settings: InstanceSettings;
  readonly trace: TraceEvent[] = [];
  readonly instances: Member[] = [];
  private readonly mutations: Mutations;
  private readonly rates: readonly [number, number];
  private readonly member: (parts: VirtualInstanceParts) => Member;
  private ambushes: Ambush[] = [];

  constructor(parts: FleetParts) {
    const { seed, settings, rates = [0.99, 1.01], mutations = {} } = parts;
    this.member = parts.member ?? ((given) => new VirtualInstance(given));
    this.world = new World(seed);
    const { world } = this;
    this.random = world.random.fork('fleet');
    this.settings = { ...defaultSettings, ...settings, ...mutations.settings };
    this.mutations = mutations;
    this.rates = rates;
    const tell = this.tell;
    this.source = new VirtualSource({ world, tell, random: world.random.fork('source') });
    const { rules: mutate } = mutations;
    this.store = new VirtualRecordStore({
      world,
      tell,
      random: world.random.fork('store'),
      wallStartsAt: WORLD_BEGAN_AT,
      ...(mutate === undefined ? {} : { mutate }),
    });
    this.source.change();
  }

  readonly tell = (fact: TraceFact): void => {
    this.trace.push({ ...fact, at: this.world.nowMs });
  };

  get alive(): Member[] {
    return this.instances.filter((instance) => instance.alive);
  }

  /** Starts an instance. */
  boot(): Member {
    const { world, store, source, settings, tell, mutations } = this;
    const name = `i${this.instances.length + 1}`;
    const random = world.random.fork(name);
    const process = new VirtualProcess({
      world,
      name,
      rate: random.between(...this.rates),
      wallStartsAt: WORLD_BEGAN_AT + random.between(-60_000, 60_000),
      onReach: (_process, point) => this.reached(instance, point),
    });
    const parts = { world, random, tell, process, settings, store, source, mutations };
    const instance = this.member(parts);
    this.instances.push(instance);
    instance.boot();
    this.evaluateAgain(instance);
    return instance;
  }

  /** Lies in wait; the ambush is given up after `patienceMs`. */
  lieInWait(ambush: Ambush, patienceMs = 60_000): void {
    this.ambushes.push(ambush);
    this.world.after(patienceMs, () => this.giveUp(ambush));
  }

  /** Ends every fault, save those whose end is planned. */
  heal(): void {
    const { server, push } = this.store;
    server.become('up');
    server.cutOff.clear();
    Object.assign(server.troubles, { lateShare: 0, lostShare: 0 });
    Object.assign(push, { lostShare: 0, twiceShare: 0, longestMs: 3 });
    this.source.state = { kind: 'up' };
    this.source.cutOff.clear();
    this.ambushes = [];
  }

  private reached(instance: Member, point: YieldPoint): void {
    if (this.ambushes.length === 0) return;
    const ambush = this.ambushes.find(
      (waiting) =>
        waiting.point === point &&
        (waiting.instance === undefined || waiting.instance === instance.name),
    );
    if (ambush === undefined) return;
    this.giveUp(ambush);
    ambush.act(instance);
  }

  private giveUp(ambush: Ambush): void {
    this.ambushes = this.ambushes.filter((waiting) => waiting !== ambush);
  }

  private evaluateAgain(instance: Member): void {
    this.world.after(EVALUATION_GAP_MS, () => {
      if (!instance.alive) return;
      instance.evaluate();
      this.evaluateAgain(instance);
    });
  }
}
