/**
 * The vocabulary of faults: what can happen to a fleet. Each word plans itself in the world, at
 * a moment that chance chooses within the given span, and ends itself before the span does.
 */
import type { FetchFailure } from '../../lib/core/definitions/definition-source.js';
import type { Fleet } from './world/fleet.js';
import type { Random } from './world/random.js';
import type { Member } from './world/member.js';
import type { YieldPoint } from './world/virtual-process.js';
import type { ServerState } from './world/virtual-server.js';

/** When faults happen, in milliseconds since the world began. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export type Fault = (fleet: Fleet, random: Random, span: Span) => void;

const everyPoint: readonly YieldPoint[] = [
  'check',
  'checked',
  'fetch',
  'fetched',
  'finish',
  'finished',
  'read',
  'read-done',
];
/** Between the grant of a claim and its end: where a pause or a death hurts. */
const underClaim: readonly YieldPoint[] = ['fetch', 'fetched', 'finish', 'finished'];

/** Something happens once. */
function once(happens: (fleet: Fleet, random: Random, span: Span) => void): Fault {
  return (fleet, random, span) => {
    const atMs = random.between(span.fromMs, span.toMs);
    fleet.world.at(atMs, () => happens(fleet, random, span));
  };
}

/** Something begins and ends. */
function during(
  [shortestMs, longestMs]: readonly [number, number],
  begin: (fleet: Fleet, random: Random) => (() => void) | undefined,
): Fault {
  return once((fleet, random, { toMs }) => {
    const end = begin(fleet, random);
    if (end === undefined) return;
    const endsAtMs = fleet.world.nowMs + random.between(shortestMs, longestMs);
    fleet.world.at(Math.min(endsAtMs, toMs), end);
  });
}

function someInstance(fleet: Fleet, random: Random): Member | undefined {
  const { alive } = fleet;
  return alive.length === 0 ? undefined : random.pick(alive);
}

function tell(fleet: Fleet, what: string, on?: string): void {
  fleet.tell({ type: 'fault', what, ...(on === undefined ? {} : { on }) });
}

function crashAt(points: readonly YieldPoint[]): Fault {
  return once((fleet, random, { toMs }) => {
    const point = random.pick(points);
    const restartMs = random.between(0, 20_000);
    fleet.lieInWait({
      point,
      act: (instance) => {
        tell(fleet, `crash at ${point}`, instance.name);
        instance.crash();
        fleet.world.at(Math.min(fleet.world.nowMs + restartMs, toMs), () => fleet.boot());
      },
    });
  });
}

function pauseAt(points: readonly YieldPoint[], suspended: boolean): Fault {
  return once((fleet, random, { toMs }) => {
    const point = random.pick(points);
    // As often short as long.
    const lengthMs = 500 * 480 ** random.next();
    fleet.lieInWait({
      point,
      act: (instance) => pause(fleet, instance, Math.min(lengthMs, toMs - fleet.world.nowMs), suspended), // prettier-ignore
    });
  });
}

function pause(fleet: Fleet, instance: Member, ms: number, suspended: boolean): void {
  if (ms <= 0) return;
  instance.process.pause(ms, suspended);
  const untilMs = instance.process.pausedUntilMs;
  fleet.tell({ type: 'paused', instance: instance.name, untilMs });
}

function storeIs(state: ServerState, span: readonly [number, number]): Fault {
  return during(span, ({ store, world, tell: write }) => {
    write({ type: 'fault', what: `the store ${state}` });
    store.server.become(state);
    const begunAtMs = world.nowMs;
    lastStoreFault.set(store, begunAtMs);
    // A later fault of the same kind goes on.
    return () => {
      if (lastStoreFault.get(store) === begunAtMs) store.server.become('up');
    };
  });
}

const lastStoreFault = new WeakMap<object, number>();

function sourceFails(
  failureOf: (random: Random) => Omit<FetchFailure, 'message'>,
  span: readonly [number, number] = [1_000, 60_000],
): Fault {
  return during(span, (fleet, random) => {
    const failure = { ...failureOf(random), message: 'The source failed.' };
    tell(fleet, `the source answers ${failure.code}`);
    const state = { kind: 'failing', failure } as const;
    fleet.source.state = state;
    return () => {
      if (fleet.source.state === state) fleet.source.state = { kind: 'up' };
    };
  });
}

function sourceIs(
  stateOf: (random: Random) => Fleet['source']['state'],
  span: readonly [number, number] = [1_000, 60_000],
): Fault {
  return during(span, (fleet, random) => {
    const state = stateOf(random);
    tell(fleet, `the source is ${state.kind}`);
    fleet.source.state = state;
    return () => {
      if (fleet.source.state === state) fleet.source.state = { kind: 'up' };
    };
  });
}

function cutOffFromSource(how: 'refused' | 'timeout' | 'unauthorized'): Fault {
  return during([5_000, 180_000], (fleet, random) => {
    const instance = someInstance(fleet, random);
    if (instance === undefined) return undefined;
    tell(fleet, `no way to the source: ${how}`, instance.name);
    fleet.source.cutOff.set(instance.name, how);
    return () => fleet.source.cutOff.delete(instance.name);
  });
}

function cutOffFromStore(how: 'refused' | 'silent'): Fault {
  return during([5_000, 180_000], (fleet, random) => {
    const instance = someInstance(fleet, random);
    if (instance === undefined) return undefined;
    tell(fleet, `no way to the store: ${how}`, instance.name);
    fleet.store.server.cutOff.set(instance.name, how);
    return () => fleet.store.server.cutOff.delete(instance.name);
  });
}

/** Every word, by its name. */
export const faults = {
  crashAnywhere: crashAt(everyPoint),
  crashUnderClaim: crashAt(underClaim),
  pauseAnywhere: pauseAt(everyPoint, false),
  pauseUnderClaim: pauseAt(underClaim, false),
  suspendUnderClaim: pauseAt(underClaim, true),
  leaveAndReturn: once((fleet, random, { toMs }) => {
    const instance = someInstance(fleet, random);
    instance?.close();
    const backAtMs = fleet.world.nowMs + random.between(0, 10_000);
    fleet.world.at(Math.min(backAtMs, toMs), () => fleet.boot());
  }),
  leaveUnderClaim: once((fleet, random, { toMs }) => {
    const point = random.pick(underClaim);
    fleet.lieInWait({
      point,
      act: (instance) => {
        instance.close();
        const backAtMs = fleet.world.nowMs + random.between(0, 10_000);
        fleet.world.at(Math.min(backAtMs, toMs), () => fleet.boot());
      },
    });
  }),
  rollingDeploy: once((fleet, random, { toMs }) => {
    tell(fleet, 'rolling deploy');
    let atMs = fleet.world.nowMs;
    for (const instance of fleet.alive) {
      const gapMs = random.between(200, 5_000);
      fleet.world.at(Math.min(atMs, toMs), () => fleet.boot());
      fleet.world.at(Math.min(atMs + gapMs, toMs), () => instance.close());
      atMs += gapMs;
    }
  }),
  growth: once((fleet, random) => {
    const more = random.integer(1, 4);
    for (let n = 0; n < more; n += 1) fleet.boot();
  }),

  storeErrors: storeIs('errors', [1_000, 120_000]),
  storeHangs: storeIs('hangs', [1_000, 120_000]),
  storeFreezes: storeIs('freezes', [1_000, 60_000]),
  requestsLate: during([10_000, 120_000], (fleet, random) => {
    fleet.store.server.troubles.lateShare = random.between(0.05, 0.4);
    tell(fleet, 'requests are late');
    return () => {
      fleet.store.server.troubles.lateShare = 0;
    };
  }),
  answersLost: during([10_000, 120_000], (fleet, random) => {
    fleet.store.server.troubles.lostShare = random.between(0.05, 0.4);
    tell(fleet, 'answers are lost');
    return () => {
      fleet.store.server.troubles.lostShare = 0;
    };
  }),
  wipe: once((fleet) => fleet.store.server.wipe()),
  /** Before anybody has told the store that he holds what it then forgets. */
  wipeAtPublication: once((fleet) => {
    fleet.lieInWait({ point: 'finished', act: () => fleet.store.server.wipe() });
  }),
  bodiesEvicted: once((fleet) => {
    tell(fleet, 'bodies evicted');
    fleet.store.evictBodies();
  }),
  headEvicted: once((fleet) => fleet.store.evictHead()),
  recordSpoilt: once((fleet) => {
    tell(fleet, 'record spoilt');
    fleet.store.spoil();
  }),
  failover: once((fleet, random) => {
    fleet.store.server.failOver(random.between(0, 5_000), random.between(-120_000, 120_000));
  }),
  storeClockJumps: once((fleet, random) => {
    const byMs = random.between(-120_000, 120_000);
    tell(fleet, `the clock of the store jumps by ${Math.round(byMs)}`);
    fleet.store.server.jumpClock(byMs);
  }),
  wallClockJumps: once((fleet, random) => {
    someInstance(fleet, random)?.process.jumpWallClock(random.between(-3_600_000, 3_600_000));
  }),
  storeRefused: cutOffFromStore('refused'),
  storeSilent: cutOffFromStore('silent'),
  pushTroubled: during([30_000, 300_000], ({ store }, random) => {
    const longestMs = random.between(3, 8_000);
    Object.assign(store.push, { lostShare: random.between(0.3, 1), twiceShare: 0.3, longestMs });
    return () => Object.assign(store.push, { lostShare: 0, twiceShare: 0, longestMs: 3 });
  }),

  sourceRefusedToOne: cutOffFromSource('refused'),
  sourceSilentToOne: cutOffFromSource('timeout'),
  keyOfOneRevoked: cutOffFromSource('unauthorized'),
  sourceErrors: sourceFails(() => ({ code: 'server-error', status: 503 })),
  sourceUnreachable: sourceFails(() => ({ code: 'network' })),
  sourceTooBusy: sourceFails((random) => ({
    code: 'rate-limited',
    status: 429,
    ...(random.chance(0.7) ? { retryAfterMs: random.integer(1, 60) * 1_000 } : {}),
  })),
  quotaUsedUp: sourceFails(() => ({ code: 'quota-exceeded', status: 402 })),
  keyRevoked: sourceFails(() => ({ code: 'unauthorized', status: 401 })),
  sourceHangs: sourceIs(() => ({ kind: 'hanging' })),
  sourceSlow: sourceIs(() => ({ kind: 'slow', fromMs: 1_000, toMs: 14_000 })),
  sourceGarbage: sourceIs(() => ({ kind: 'garbage' })),
  sourceOutdated: sourceIs(() => ({ kind: 'outdated' })),
  sourceEmptied: sourceIs(() => ({ kind: 'mistaken', how: 'emptied' })),
  sourceFlips: sourceIs(() => ({ kind: 'mistaken', how: 'outdated' })),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof faults;
