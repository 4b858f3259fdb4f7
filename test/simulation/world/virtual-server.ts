/**
 * The server of a store as processes reach it over a network: what can go wrong between them, and
 * with the server itself. What it remembers is somebody else's; it can be taken back in time.
 */
import type { Random } from './random.js';
import type { Reply, VirtualProcess, YieldPoint } from './virtual-process.js';
import type { World } from './world.js';

/** `freezes`: takes requests, and executes them when it thaws. */
export type ServerState = 'up' | 'errors' | 'hangs' | 'freezes';

/** What the server remembers, as a value. */
export interface ServerMemory {
  take(): unknown;
  putBack(taken: unknown): void;
  clear(): void;
}

export interface Troubles {
  /** Share of requests that arrive when their sender has long given up. */
  lateShare: number;
  /** Share of requests that are executed and never answered. */
  lostShare: number;
}

export interface VirtualServerParts {
  readonly world: World;
  readonly random: Random;
  readonly memory: ServerMemory;
  /** The wall clock of the server when the world begins. */
  readonly wallStartsAt: number;
  /** Told when it forgets. */
  readonly onLost: (keptUntil: number) => void;
}

const LONGEST_ROLLBACK_MS = 6_000;

export class VirtualServer {
  readonly troubles: Troubles = { lateShare: 0, lostShare: 0 };
  /** Processes that cannot reach it, and how they fail. */
  readonly cutOff = new Map<string, 'refused' | 'silent'>();
  private state: ServerState = 'up';
  private wallShiftMs = 0;
  private frozen: (() => void)[] = [];
  private history: { readonly atMs: number; readonly taken: unknown }[] = [];

  constructor(private readonly parts: VirtualServerParts) {}

  now(): number {
    const { world, wallStartsAt } = this.parts;
    return Math.trunc(wallStartsAt + this.wallShiftMs + world.nowMs);
  }

  become(state: ServerState): void {
    const thaws = this.state === 'freezes' && state !== 'freezes';
    this.state = state;
    if (!thaws) return;
    const waiting = this.frozen;
    this.frozen = [];
    for (const execute of waiting) this.parts.world.after(this.parts.random.between(0, 5), execute);
  }

  jumpClock(byMs: number): void {
    this.wallShiftMs += byMs;
  }

  /** Restarts without memory. */
  wipe(): void {
    this.parts.memory.clear();
    this.parts.onLost(Number.NEGATIVE_INFINITY);
    this.history = [];
  }

  /** A replica takes over that had not heard of the last writes, and whose clock is another. */
  failOver(rollbackMs: number, clockJumpMs: number): void {
    const { world, memory, onLost } = this.parts;
    const keptUntil = world.nowMs - rollbackMs;
    const kept = this.history.findLast(({ atMs }) => atMs <= keptUntil);
    const newest = this.history.at(-1);
    this.jumpClock(clockJumpMs);
    // Nothing was written since, or the world is younger than the rollback.
    if (newest === undefined || newest === kept) return;
    if (kept === undefined) memory.clear();
    else memory.putBack(kept.taken);
    this.history = kept === undefined ? [] : [{ ...kept, atMs: world.nowMs }];
    onLost(keptUntil);
  }

  /** Sends a request; it is executed when it arrives. */
  call<T>(
    process: VirtualProcess,
    point: YieldPoint,
    answered: YieldPoint,
    execute: () => Promise<T>,
  ): Promise<T> {
    return process.call<T>(point, answered, (reply) => this.send(process, execute, reply));
  }

  private send<T>(process: VirtualProcess, execute: () => Promise<T>, reply: Reply<T>): void {
    const { world, random } = this.parts;
    const cut = this.cutOff.get(process.name);
    if (cut === 'silent') return;
    const isLate = random.chance(this.troubles.lateShare);
    const delayMs = isLate ? random.between(500, 40_000) : random.between(0.2, 3);
    if (cut === 'refused') {
      world.after(delayMs, () => reply.reject(new Error('connect ECONNREFUSED')));
      return;
    }
    world.after(delayMs, () => this.arrive(execute, reply));
  }

  private arrive<T>(execute: () => Promise<T>, reply: Reply<T>): void {
    const { world, random } = this.parts;
    switch (this.state) {
      case 'hangs':
        return;
      case 'freezes':
        this.frozen.push(() => this.arrive(execute, reply));
        return;
      case 'errors':
        world.after(random.between(0.2, 3), () => reply.reject(new Error('LOADING')));
        return;
      case 'up': {
        const isLost = random.chance(this.troubles.lostShare);
        const answer = (deliver: () => void): void => {
          this.remember();
          if (!isLost) world.after(random.between(0.2, 3), deliver);
        };
        execute().then(
          (value) => answer(() => reply.resolve(value)),
          (cause: unknown) => answer(() => reply.reject(new Error(String(cause)))),
        );
      }
    }
  }

  private remember(): void {
    const { world, memory } = this.parts;
    const taken = memory.take();
    if (this.history.at(-1)?.taken === taken) return;
    this.history.push({ atMs: world.nowMs, taken });
    const oldestMs = world.nowMs - LONGEST_ROLLBACK_MS;
    // One that is older stays: it is what held at that time.
    while ((this.history[1]?.atMs ?? Infinity) <= oldestMs) this.history.shift();
  }
}
