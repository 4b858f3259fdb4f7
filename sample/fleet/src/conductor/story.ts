/**
 * The story of a fleet, played by itself: what a person would try, one after the other. Whatever
 * it tells it has seen; what does not come to pass ends it with an error.
 */
import type { PostHogStub } from '../posthog/posthog-stub.js';
import type { Fetch, Fleet } from './fleet.js';
import type { Instance } from './instance.js';
import type { Printer } from './printer.js';
import type { RedisPower } from './redis.js';

export interface StoryParts {
  readonly fleet: Fleet;
  readonly stub: PostHogStub;
  readonly printer: Printer;
  /** Without it there is no outage in the story. */
  readonly power: RedisPower | undefined;
}

const OUTAGE_MS = 7_000;
const BETWEEN_REQUESTS_MS = 100;

export class Story {
  constructor(private readonly parts: StoryParts) {}

  /** @returns what happened, a sentence for each chapter. */
  async play(): Promise<readonly string[]> {
    const { power } = this.parts;
    const told = [
      await this.chapter('Three instances start, and nobody has flags yet', () => this.start()),
      await this.chapter('A flag is switched on in PostHog', () => this.flip()),
      await this.chapter('The leader is killed', () => this.killLeader()),
      await this.chapter('The leader is told to end', () => this.endLeader()),
    ];
    if (power === undefined) return [...told, 'Redis was given by REDIS_URL: it was not stopped'];
    return [
      ...told,
      await this.chapter('Redis is stopped', () => this.stopRedis(power)),
      await this.chapter('Redis comes back, with nothing in it', () => this.startRedis(power)),
      await this.chapter('The flag is switched off', () => this.flip()),
    ];
  }

  private async chapter(title: string, play: () => Promise<string>): Promise<string> {
    const { printer } = this.parts;
    printer.plain('');
    printer.say(title);
    const told = await play();
    printer.say(told);
    return `${title}: ${told}`;
  }

  private async start(): Promise<string> {
    const { fleet } = this.parts;
    await fleet.start(...fleet.instances);
    await fleet.until('all three have flags', () => this.all(0));
    // Each tells how it came to them after it has them.
    await fleet.until('all three have told of their first turn', () =>
      fleet.instances.every(({ name }) => fleet.hasTurned(name)),
    );
    const [first] = fleet.fetches;
    const downloads = fleet.fetches.filter(({ isNew }) => isNew).length;
    ensure(first !== undefined && downloads === 1, `the definitions came ${downloads} times`);
    return `${first.by} downloaded the flags, once, and all three have them`;
  }

  private async flip(): Promise<string> {
    const { fleet, stub } = this.parts;
    const isOn = stub.flip();
    const atMs = performance.now();
    const fetched = await this.nextFetch(atMs, ({ isNew }) => isNew);
    const spreadMs = await fleet.until('all three have the change', () =>
      this.all(fetched.revision),
    );
    const statuses = await this.statusesOf('/checkout');
    const wanted = isOn ? 200 : 404;
    ensure(
      statuses.every((status) => status === wanted),
      `/checkout answered ${statuses.join(', ')}`,
    );
    return `${fetched.by} saw it ${seconds(fetched.atMs - atMs)} later, and within ${spreadMs.toFixed(0)} ms all three had it: /checkout answers ${statuses.join(', ')}`;
  }

  private async killLeader(): Promise<string> {
    const { fleet, printer } = this.parts;
    const leader = await this.leader();
    await leader.end('SIGKILL');
    const atMs = performance.now();
    printer.say(`${leader.name} led and is dead, without a last word`);
    const next = await this.nextFetch(atMs, ({ by }) => by !== leader.name);
    const downloads = fleet.fetches.filter(({ isNew }) => isNew).length;
    await this.startAgain(leader);
    const since = fleet.fetches.filter(({ isNew }) => isNew).length - downloads;
    ensure(since === 0, `the flags were downloaded again for ${leader.name}`);
    return `${leader.name} led; ${next.by} took over after ${seconds(next.atMs - atMs)}; ${leader.name} came back and read the shared copy`;
  }

  private async endLeader(): Promise<string> {
    const { fleet } = this.parts;
    const leader = await this.leader();
    const { name } = leader;
    const atMs = performance.now();
    await leader.end('SIGTERM');
    const endedAtMs = performance.now();
    await fleet.until(`${name} has said that it leaves`, () => fleet.departures.at(-1) === name);
    const next = await this.nextFetch(atMs, ({ by }) => by !== name);
    await this.startAgain(leader);
    return `${name} led and left in order, which took ${(endedAtMs - atMs).toFixed(0)} ms; ${next.by} took over at the next refresh, ${seconds(next.atMs - atMs)} later`;
  }

  private async stopRedis(power: RedisPower): Promise<string> {
    const { fleet, stub } = this.parts;
    const before = stub.fetches;
    await power.stop();
    const endsAtMs = performance.now() + OUTAGE_MS;
    const statuses: number[] = [];
    while (performance.now() < endsAtMs) {
      statuses.push(...(await this.statusesOf('/checkout')));
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_REQUESTS_MS));
    }
    const asked = stub.fetches - before;
    const good = statuses.filter((status) => status === 200).length;
    ensure(good === statuses.length, `only ${good} of ${statuses.length} requests were let in`);
    await fleet.until('all three know that they are without Redis', () => this.areSolo());
    return `in ${seconds(OUTAGE_MS)} ${good} of ${statuses.length} requests were answered as before; PostHog was asked ${times(asked)}`;
  }

  private async startRedis(power: RedisPower): Promise<string> {
    const { fleet } = this.parts;
    const atMs = performance.now();
    await power.start();
    const next = await this.nextFetch(atMs, () => true);
    await fleet.until('all three are at the shared copy again', () =>
      fleet.instances.every(({ name }) => fleet.isConnected(name)),
    );
    return `${next.by} laid the shared copy down again ${seconds(next.atMs - atMs)} later`;
  }

  private async startAgain(instance: Instance): Promise<void> {
    const { fleet, printer } = this.parts;
    const atMs = performance.now();
    printer.say(`${instance.name} starts again`);
    await fleet.start(instance);
    await fleet.until(`${instance.name} has flags again`, () =>
      fleet.changes.some((change) => change.by === instance.name && change.atMs > atMs),
    );
  }

  private leader(): Promise<Instance> {
    return this.parts.fleet.until('somebody leads', () => this.parts.fleet.leader);
  }

  private nextFetch(afterMs: number, isWanted: (fetch: Fetch) => boolean): Promise<Fetch> {
    const { fleet } = this.parts;
    return fleet.until('somebody else asks PostHog', () =>
      fleet.fetches.find((fetch) => fetch.atMs > afterMs && isWanted(fetch)),
    );
  }

  /** Whether all three have a revision at least so high; then between the first and the last. */
  private all(revision: number): number | false {
    const { fleet } = this.parts;
    const firsts = fleet.instances.map(({ name }) =>
      fleet.changes.find((change) => change.by === name && change.revision >= revision),
    );
    const at = firsts.map((change) => change?.atMs ?? Number.NaN);
    const spreadMs = Math.max(...at) - Math.min(...at);
    return Number.isNaN(spreadMs) ? false : Math.max(spreadMs, 1);
  }

  private async areSolo(): Promise<boolean> {
    const states = await Promise.all(this.parts.fleet.instances.map(stateOf));
    return states.every((state) => state === 'solo');
  }

  private statusesOf(path: string): Promise<number[]> {
    return Promise.all(
      this.parts.fleet.instances.map(async ({ url }) => (await fetch(`${url}${path}`)).status),
    );
  }
}

async function stateOf({ url }: Instance): Promise<string> {
  const { state } = (await (await fetch(`${url}/status`)).json()) as { state: string };
  return state;
}

function ensure(isSo: boolean, otherwise: string): asserts isSo {
  if (!isSo) throw new Error(`It was not as the story says: ${otherwise}.`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
