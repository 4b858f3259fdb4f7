/**
 * Situations in which one rule of the protocol alone decides, and which random faults meet rarely
 * or never. Each says whether the promise of that rule was kept; the mutant without the rule must
 * break it.
 */
import { digestOf } from '../../lib/core/definitions/digest.js';
import { RECORD_SCHEMA } from '../../lib/core/cache/definition-record.js';
import { parseDefinitions } from '../../lib/core/definitions/parse-definitions.js';
import { isAcceptedConfirmation } from './invariants/safety.js';
import { eventsOf } from './trace.js';
import { defaultSettings, Fleet, type Mutations } from './world/fleet.js';
import type { Member } from './world/member.js';
import { VirtualInstance } from './world/virtual-instance.js';

/** Whether what is promised came true. */
export type Scenario = (mutations?: Mutations) => Promise<boolean>;

const MINUTE_MS = 60_000;
const { checkMs, leaseMs } = defaultSettings;
/** What a fleet may go without a confirmation, whatever happens to one of it. */
const LONGEST_GAP_MS = 62_000;
const STEP_MS = 100;

interface Scene {
  readonly fleet: Fleet;
  readonly instances: readonly VirtualInstance[];
}

function sceneOf(instances: number, mutations: Mutations = {}, seed = 1): Scene {
  const known: VirtualInstance[] = [];
  const fleet = new Fleet({
    seed,
    mutations,
    member: (parts) => {
      const instance = new VirtualInstance(parts);
      known.push(instance);
      return instance;
    },
  });
  // A content that comes back is the same one: the hardest case for etags, digests and revisions.
  fleet.source.numbersChanges = false;
  for (let n = 0; n < instances; n += 1) fleet.boot();
  return { fleet, instances: known };
}

function pass(fleet: Fleet, ms: number): Promise<void> {
  return fleet.world.runUntil(fleet.world.nowMs + ms);
}

/** Goes on until something is so; false when it is not after so long. */
async function until(
  fleet: Fleet,
  isSo: () => boolean,
  longestMs = 2 * MINUTE_MS,
): Promise<boolean> {
  const endMs = fleet.world.nowMs + longestMs;
  while (!isSo() && fleet.world.nowMs < endMs) await pass(fleet, STEP_MS);
  return isSo();
}

function confirmations({ trace }: Fleet): number {
  return trace.filter(isAcceptedConfirmation).length;
}

/** Goes on until just after a refresh, so that the next one is far. */
async function untilRefreshed(fleet: Fleet): Promise<void> {
  const before = confirmations(fleet);
  await until(fleet, () => confirmations(fleet) > before);
}

function contentAt({ trace }: Fleet, { name }: Member): string | undefined {
  return eventsOf(trace, 'applied').findLast(({ instance }) => instance === name)?.content;
}

const isCurrent = (fleet: Fleet): boolean =>
  fleet.alive.every((instance) => contentAt(fleet, instance) === fleet.source.content);

/** Lets only this instance reach the source. */
function onlyWayToSource(fleet: Fleet, { name }: Member): void {
  fleet.source.cutOff.clear();
  for (const other of fleet.alive) {
    if (other.name !== name) fleet.source.cutOff.set(other.name, 'refused');
  }
}

/** Longest time between two confirmations in a span, the span's end included. */
function longestGapMs(fleet: Fleet, fromMs: number, toMs: number): number {
  const at = fleet.trace.filter(isAcceptedConfirmation).map((event) => event.at);
  const within = [fromMs, ...at.filter((one) => one > fromMs && one < toMs), toMs];
  return Math.max(...within.slice(1).map((one, index) => one - (within[index] ?? fromMs)));
}

function member<T>(members: readonly T[], index: number): T {
  const found = members[index];
  if (found === undefined) throw new Error(`There is no instance ${index}.`);
  return found;
}

const table = {
  /** F07: most of the fleet cannot reach the source, and the others refresh all the same. */
  'the many who cannot reach the source let the one who can': async (mutations) => {
    const { fleet } = sceneOf(4, mutations, 2);
    for (const name of ['i1', 'i2', 'i3']) fleet.source.cutOff.set(name, 'timeout');
    await pass(fleet, 10 * MINUTE_MS);
    return longestGapMs(fleet, MINUTE_MS, 10 * MINUTE_MS) < LONGEST_GAP_MS;
  },

  /** F13: a clock of the store that jumps back does not stop the refresh. */
  'a clock that jumped back does not stop the refresh': async (mutations) => {
    const { fleet } = sceneOf(4, mutations);
    await pass(fleet, MINUTE_MS);
    fleet.store.server.jumpClock(-2 * MINUTE_MS);
    await pass(fleet, 9 * MINUTE_MS);
    return longestGapMs(fleet, MINUTE_MS, 10 * MINUTE_MS) < LONGEST_GAP_MS;
  },

  /** F03, F15: an instance that stood still longer than its lease does not even try to finish. */
  'a claim that has run out is not finished': async (mutations) => {
    const { fleet } = sceneOf(3, mutations);
    await pass(fleet, MINUTE_MS);
    let paused: Member | undefined;
    fleet.lieInWait({
      point: 'fetched',
      act: (instance) => {
        paused = instance;
        instance.process.pause(leaseMs + 5_000);
      },
    });
    await pass(fleet, 2 * MINUTE_MS);
    const late = eventsOf(fleet.trace, 'finished').filter(({ reply }) => reply === 'fenced');
    return paused !== undefined && late.length === 0;
  },

  /** F44: leader of A, follower of B, leader again when the source is back at A. */
  'a leader asks with the etag of what it holds (A-B-A)': async (mutations) => {
    const { fleet, instances } = sceneOf(2, mutations);
    const [one, other] = [member(instances, 0), member(instances, 1)];
    onlyWayToSource(fleet, one);
    await until(fleet, () => isCurrent(fleet));
    onlyWayToSource(fleet, other);
    fleet.source.change();
    await until(fleet, () => isCurrent(fleet));
    onlyWayToSource(fleet, one);
    fleet.source.revert();
    return until(fleet, () => isCurrent(fleet));
  },

  /** A refresh that somebody asks for comes within the shortest gap, whoever takes it. */
  'a refresh that is asked for comes soon': async (mutations) => {
    const { fleet, instances } = sceneOf(5, mutations);
    await pass(fleet, MINUTE_MS);
    await untilRefreshed(fleet);
    const before = confirmations(fleet);
    void member(instances, 3).cycle.refresh();
    return until(fleet, () => confirmations(fleet) > before, 2 * checkMs + 1_000);
  },

  /** F23: an instance that fetched alone asks for the refresh that ends its hold. */
  'a hold ends soon': async (mutations) => {
    const { fleet, instances } = sceneOf(3, mutations);
    const one = member(instances, 0);
    // Its own revisions are low then: a higher one would make the store ask for a refresh.
    one.process.jumpWallClock(-60 * MINUTE_MS);
    await pass(fleet, MINUTE_MS);
    fleet.store.server.cutOff.set(one.name, 'refused');
    fleet.source.change();
    const alone = (): boolean =>
      eventsOf(fleet.trace, 'fetch-started').some(({ right }) => right === 'cache-away');
    await until(fleet, alone);
    await pass(fleet, 1_000);
    await untilRefreshed(fleet);
    fleet.store.server.cutOff.clear();
    const backAtMs = fleet.world.nowMs;
    await pass(fleet, 3 * checkMs);
    const turns = eventsOf(fleet.trace, 'turn').filter(
      ({ instance, at }) => instance === one.name && at > backAtMs,
    );
    return turns.at(-1)?.outcome === 'unchanged';
  },

  /**
   * F23: what was fetched alone is still unproved after a second outage: meanwhile the store got
   * older content under a higher number, and nobody can reach the source to prove anything.
   */
  'a hold survives a second outage': async (mutations) => {
    const { fleet, instances } = sceneOf(2, mutations);
    const [one, other] = [member(instances, 0), member(instances, 1)];
    const { cutOff } = fleet.store.server;
    one.process.jumpWallClock(-60 * MINUTE_MS);
    await pass(fleet, MINUTE_MS);
    cutOff.set(one.name, 'refused');
    await pass(fleet, 2 * checkMs);
    fleet.source.change();
    fleet.lieInWait({
      point: 'fetched',
      instance: other.name,
      act: () => {
        fleet.source.change();
        void one.cycle.refresh();
        other.process.pause(2_000);
      },
    });
    const heldByOne = (): boolean => contentAt(fleet, one) === fleet.source.content;
    const published = (): boolean => fleet.store.records.claimState.leader === other.name;
    if (!(await until(fleet, heldByOne))) return false;
    if (!(await until(fleet, () => contentAt(fleet, other) === 'content-2' && published()))) return false; // prettier-ignore
    fleet.source.state = { kind: 'failing', failure: { code: 'server-error', message: '' } };
    for (let outage = 1; outage <= 2; outage += 1) {
      cutOff.clear();
      await pass(fleet, 2 * checkMs);
      cutOff.set(one.name, 'refused');
      await pass(fleet, 2 * checkMs);
    }
    return heldByOne();
  },

  /** F23: a newcomer that had to fetch alone does not go back to what the store holds. */
  'a newcomer that fetched alone holds too': async (mutations) => {
    const { fleet } = sceneOf(2, mutations);
    const { cutOff } = fleet.store.server;
    await pass(fleet, MINUTE_MS);
    await untilRefreshed(fleet);
    fleet.source.change();
    const newcomer = fleet.boot();
    newcomer.process.jumpWallClock(-60 * MINUTE_MS);
    // It has seen the store, and then neither gets the body nor an answer any more.
    const { name } = newcomer;
    fleet.lieInWait({ point: 'read', instance: name, act: () => cutOff.set(name, 'refused') });
    const holdsIt = (): boolean => contentAt(fleet, newcomer) === fleet.source.content;
    if (!(await until(fleet, holdsIt, 2 * checkMs))) return false;
    fleet.source.state = { kind: 'failing', failure: { code: 'server-error', message: '' } };
    cutOff.clear();
    await pass(fleet, 3 * checkMs);
    return holdsIt();
  },

  /**
   * F11: a failover forgets a publication that instances hold, the source takes the change back,
   * and a newcomer finds what it reads confirmed. Those who hold more must hear of it.
   */
  'what a failover forgot is published again under a higher number': async (mutations) => {
    const { fleet } = sceneOf(2, mutations);
    await pass(fleet, MINUTE_MS);
    await untilRefreshed(fleet);
    fleet.source.change();
    await until(fleet, () => isCurrent(fleet));
    fleet.store.server.failOver(3_000, 0);
    fleet.source.revert();
    const newcomer = fleet.boot();
    onlyWayToSource(fleet, newcomer);
    return until(fleet, () => isCurrent(fleet));
  },

  /** F11: a failover forgot one of two publications under one number; the other is taken over. */
  'the same revision with other content is taken over': async (mutations) => {
    const { fleet } = sceneOf(3, mutations);
    await pass(fleet, MINUTE_MS);
    fleet.source.change();
    await putUnderTheSameRevision(fleet);
    return until(fleet, () => isCurrent(fleet));
  },

  /**
   * F12: a body that was evicted is published again, though the source says "not modified", and
   * before anybody has missed it.
   */
  'a body that is gone is put back for who comes next': async (mutations) => {
    const { fleet } = sceneOf(3, mutations);
    await pass(fleet, MINUTE_MS);
    fleet.store.evictBodies();
    await pass(fleet, 3 * checkMs);
    const newcomer = fleet.boot();
    return until(fleet, () => contentAt(fleet, newcomer) === fleet.source.content, 1_000);
  },

  /** F53: who is alone knows how many the others are, and asks as rarely as their number wants. */
  'an instance alone keeps to its share of the budget': async (mutations) => {
    const { fleet } = sceneOf(40, mutations);
    await pass(fleet, MINUTE_MS);
    fleet.store.server.become('errors');
    await pass(fleet, 10 * MINUTE_MS);
    const alone = eventsOf(fleet.trace, 'fetch-started').filter(({ at }) => at > MINUTE_MS);
    return alone.length < 1.2 * 4 * 20;
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof table;

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = table;

/** Whether the protocol as it is keeps this promise. */
export function holds(name: ScenarioName): Promise<boolean> {
  return scenarios[name]();
}

async function putUnderTheSameRevision({ store, source }: Fleet): Promise<void> {
  const { records } = store;
  const { record } = records.claimState;
  const parsed = parseDefinitions(source.document);
  if (record === undefined || !parsed.ok) throw new Error('There is nothing to replace.');
  const { definitions } = parsed;
  const content = {
    schema: RECORD_SCHEMA,
    digest: digestOf(definitions),
    etag: `W/"${source.content}#1"`,
    codec: 'json',
    body: JSON.stringify(definitions),
  };
  records.replaceClaimState({ ...records.claimState, record: undefined });
  await records.publish(content, record.revision);
}
