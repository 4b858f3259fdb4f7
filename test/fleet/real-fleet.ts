/**
 * A fleet of real processes on a real store and a source with PostHog's endpoint, with a proxy
 * before each instance's store, and everything that happens written down.
 */
import { eventually } from '../setup/free-port.mjs';
import { documentOf } from '../simulation/world/content.js';
import { DefinitionsServer, type Intercept } from '../support/definitions-server.js';
import type { TraceEvent } from '../simulation/trace.js';
import { shortTimes, type FleetSettings } from './fleet-settings.js';
import { InstanceProcess, type ProcessListener } from './instance-process.js';
import { nowMs } from './now.js';
import { secrets, withSecrets } from './secrets.js';
import type { FleetStore, OpenStore } from './stores/fleet-store.js';
import { RedisStore } from './stores/redis-store.js';
import { StoreProxy } from './stores/store-proxy.js';
import type { Told, ToldFact } from './told.js';
import { traceOf } from './trace-of.js';

/** A fleet that is well is current long before. */
const LONGEST_CONVERGENCE_MS = 90_000;

/** What a process took at a moment, garbage collected. */
export interface Measurement {
  readonly at: number;
  readonly of: InstanceProcess;
  readonly rss: number;
  readonly heapUsed: number;
  readonly handles: number;
}

export class RealFleet<Store extends FleetStore = FleetStore> {
  readonly told: Told[] = [];
  readonly processes: InstanceProcess[] = [];
  readonly proxies = new Map<string, StoreProxy>();
  readonly crashes: string[] = [];
  readonly measurements: Measurement[] = [];
  /** Lives through the night, so that it can be seen whether it grows. */
  spared: InstanceProcess | undefined;
  readonly startedAt = nowMs();
  version = 0;
  private names = 0;
  private closed: Promise<void> | undefined;
  private readonly contents = new Map<string, string>();
  private readonly held = new Map<string, string | undefined>();
  private readonly leaders: string[] = [];
  private readonly listener: ProcessListener = {
    told: (fact, from) => {
      if (fact.type === 'crashed') this.crashes.push(fact.error);
      else if (fact.type === 'measured') this.measurements.push({ ...fact, of: from });
      else if (fact.type !== 'hello') this.write(fact);
    },
    ended: ({ instances }) => {
      for (const instance of instances) this.tell({ type: 'died', instance });
    },
  };
  private constructor(
    readonly settings: FleetSettings,
    readonly source: DefinitionsServer,
    readonly store: Store,
    private readonly portOwners: Map<number, string>,
  ) {}

  /**
   * On Redis.
   * @param intercept stands before the source from the first request on
   */
  static start(
    settings: Partial<FleetSettings> = {},
    intercept?: Intercept,
  ): Promise<RealFleet<RedisStore>> {
    return RealFleet.on((listener) => RedisStore.start(listener), settings, intercept);
  }

  static async on<Store extends FleetStore>(
    openStore: OpenStore<Store>,
    settings: Partial<FleetSettings> = {},
    intercept?: Intercept,
  ): Promise<RealFleet<Store>> {
    const source = await new DefinitionsServer({ secretKey: secrets.secretKey }).start();
    const owners = new Map<number, string>();
    const store = await openStore({
      nameOf: (port) => owners.get(port),
      // Nobody speaks to the store before there is a fleet.
      tell: (fact) => fleet.write(fact),
    });
    const fleet = new RealFleet({ ...shortTimes, ...settings }, source, store, owners);
    source.intercept = intercept;
    fleet.change();
    const { processes } = fleet.settings;
    await Promise.all(Array.from({ length: processes }, () => fleet.startProcess()));
    return fleet;
  }

  get content(): string {
    return `v${this.version}`;
  }

  get alive(): InstanceProcess[] {
    return this.processes.filter(({ isAlive }) => isAlive);
  }

  get instances(): string[] {
    return this.alive.flatMap(({ instances }) => instances);
  }

  /** The source has something new. */
  change(): string {
    this.version += 1;
    const { content, version } = this;
    this.source.definitions = documentOf(content, version);
    this.contents.set(this.source.etag, content).set(content, content);
    this.tell({ type: 'version', version, content });
    return content;
  }

  async startProcess(): Promise<InstanceProcess> {
    const child = await InstanceProcess.start(this.listener);
    this.processes.push(child);
    for (let n = 0; n < this.settings.instancesEach; n += 1) await this.startInstance(child);
    return child;
  }

  async startInstance(child: InstanceProcess): Promise<string> {
    this.names += 1;
    const name = `i${this.names}`;
    const proxy = await StoreProxy.before(this.store.port, (port) =>
      this.portOwners.set(port, name),
    );
    this.proxies.set(name, proxy);
    const { intervalMs, checkMs, jitter, leaseMs, ...settings } = this.settings;
    const { host, projectApiKey } = this.source;
    child.startInstance({
      name,
      ...settings,
      cacheUrl: this.store.cacheUrl(proxy.port),
      source: { host, projectApiKey, secretKey: secrets.secretKey },
      polling: { intervalMs, checkMs, jitter },
      ...(leaseMs === undefined ? {} : { leaseMs }),
    });
    return name;
  }

  /** Who runs an instance. */
  processOf(instance: string): InstanceProcess {
    const child = this.processes.find(({ instances }) => instances.includes(instance));
    if (child === undefined) throw new Error(`There is no instance ${instance}.`);
    return child;
  }

  /** Who was last given a claim, of those that run. */
  get leader(): string {
    const { instances } = this;
    const leader = this.leaders.findLast((name) => instances.includes(name)) ?? instances[0];
    if (leader === undefined) throw new Error('The fleet is empty.');
    return leader;
  }

  async kill(child: InstanceProcess): Promise<void> {
    child.signal('SIGKILL');
    await child.gone();
  }

  stop(child: InstanceProcess): () => void {
    const at = nowMs();
    child.signal('SIGSTOP');
    return () => {
      child.signal('SIGCONT');
      for (const instance of child.instances) {
        this.write({ type: 'paused', at, instance, untilMs: nowMs() });
      }
    };
  }

  /** The store goes and comes back; nobody reaches it before it is watched. */
  async restartStore(
    kept: { withData: boolean; awayMs: number },
    meanwhile: () => void = () => undefined,
  ): Promise<void> {
    for (const proxy of this.proxies.values()) proxy.refuse();
    await this.store.kill();
    if (!kept.withData) this.storeLost();
    meanwhile();
    await delay(kept.awayMs);
    await this.store.launch(kept);
    for (const proxy of this.proxies.values()) proxy.accept();
  }

  /** The store has lost what it knew. */
  storeLost(): void {
    this.tell({ type: 'store-lost', keptUntil: Number.NEGATIVE_INFINITY });
  }

  /** Every instance that runs holds what the source has. @returns milliseconds; undefined: never. */
  async convergence(limitMs = LONGEST_CONVERGENCE_MS): Promise<number | undefined> {
    const from = nowMs();
    return (await eventually(() => this.laggards().length === 0, limitMs))
      ? nowMs() - from
      : undefined;
  }

  /** Who does not hold what the source has. */
  laggards(): string[] {
    const { content } = this;
    const running = this.alive.filter(({ isStopped }) => !isStopped);
    const names = running.flatMap(({ instances }) => instances);
    return names.filter((name) => this.held.get(name) !== content);
  }

  count(type: Told['type'], fromMs: number): number {
    return this.told.filter((fact) => fact.type === type && fact.at >= fromMs).length;
  }

  /** @throws Error that says what it did not come to, however long it was waited for. */
  until(what: string, isSo: () => boolean): Promise<void> {
    return eventually(isSo).then((was) => {
      if (!was) throw new Error(`It did not come to this: ${what}.`);
    });
  }

  tell(fact: ToldFact): void {
    this.write({ ...fact, at: nowMs() });
  }

  write(fact: Told): void {
    this.told.push(fact);
    if (fact.type === 'applied') this.held.set(fact.instance, fact.content);
    if (fact.type === 'granted') this.leaders.push(fact.instance);
  }

  /** All that the store has executed has been told; what instances tell may still be on the way. */
  settle(): Promise<void> {
    return this.store.settle();
  }

  async trace(): Promise<TraceEvent[]> {
    await this.settle();
    return traceOf(this.told, (etag) => this.contents.get(etag));
  }

  /** What was printed or logged anywhere and holds a secret. */
  secretsTold(): string[] {
    const logged = this.told.flatMap((fact) => (fact.type === 'log' ? [fact.text] : []));
    const printed = this.processes.map(({ output }) => output);
    return withSecrets([...logged, ...printed, ...this.crashes]);
  }

  /** Ends all that was started. Calling it again does nothing. */
  close(): Promise<void> {
    this.closed ??= this.end();
    return this.closed;
  }

  private async end(): Promise<void> {
    await Promise.all(this.processes.map((child) => child.stop()));
    await Promise.all([...this.proxies.values()].map((proxy) => proxy.close()));
    await this.store.stop();
    await this.source.close();
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
