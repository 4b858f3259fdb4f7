/**
 * Real processes and one folder: one is granted at a time, and whoever is killed, at whatever step
 * of whatever write, leaves a cache that all others can read and write.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CheckReply, FinishReply } from '../../lib/core/coordination/claim-store.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { eventually } from '../setup/free-port.mjs';
import { askForClaim } from '../support/claim-turns.js';
import { CacheFolderInTest } from '../support/file-records.js';

const PROGRAM = join(process.cwd(), 'test', 'caches', 'child', 'file-contender.mjs');
const LEASE_MS = 60_000;

let place: CacheFolderInTest;
const contenders: Contender[] = [];
const doomed = new Set<ChildProcess>();

beforeEach(() => {
  place = new CacheFolderInTest();
});

afterEach(async () => {
  await Promise.all(contenders.splice(0).map((one) => one.kill()));
  // Only where a test has failed before they died by themselves.
  for (const child of doomed) child.kill('SIGKILL');
  await place.remove();
});

/** A process that does what it is told. */
class Contender {
  private id = 0;

  private constructor(
    readonly name: string,
    private readonly process: ChildProcess,
  ) {}

  static async start(name: string): Promise<Contender> {
    const child = fork(PROGRAM, [place.folder, name], { execArgv: [] });
    const contender = new Contender(name, child);
    contenders.push(contender);
    await once(child, 'message');
    return contender;
  }

  ask(leaseMs = LEASE_MS): Promise<CheckReply> {
    return this.order({ task: 'ask', leaseMs });
  }

  publish(token: number): Promise<FinishReply> {
    return this.order({ task: 'publish', token });
  }

  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }

  private order<T>(order: { readonly task: string; readonly [fact: string]: unknown }): Promise<T> {
    this.id += 1;
    const { id } = this;
    return new Promise((resolve, reject) => {
      const onMessage = (message: { id: number; answer: T; error?: string }): void => {
        if (message.id !== id) return;
        this.process.off('message', onMessage);
        if (message.error === undefined) resolve(message.answer);
        else reject(new Error(message.error));
      };
      this.process.on('message', onMessage);
      this.process.send({ id, ...order });
    });
  }
}

function startAll(count: number): Promise<Contender[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => Contender.start(`p${index}`)));
}

describe('processes that share a folder', () => {
  it('eight at once, three hundred times: one is granted, and publishes above all before', async () => {
    const fleet = await startAll(8);
    const reader = await place.open();
    let highest = 0;
    for (let round = 1; round <= 300; round += 1) {
      const replies = await Promise.all(fleet.map((one) => one.ask()));
      const granted = fleet.filter((_, index) => replies[index]?.verdict === 'granted');
      expect([round, granted.length]).toEqual([round, 1]);
      const { token } = replies[fleet.indexOf(granted[0]!)]!;
      expect(await granted[0]!.publish(token)).toBe('accepted');
      const head = await reader.readHead();
      expect(head?.revision).toBe(token);
      expect(token).toBeGreaterThan(highest);
      highest = token;
    }
    expect(place.heads()).toHaveLength(3);
  });

  it('F36: a claim whose holder was killed is held for its lease and then goes to another, whoever has its process id now', async () => {
    const holder = await Contender.start('holder');
    const { token } = await holder.ask();
    await holder.kill();
    let shiftMs = 0;
    const clock = { ...systemClock, now: () => Date.now() + shiftMs };
    const other = await place.open({ clock });

    const during = await askForClaim(other, 'other', { leaseMs: LEASE_MS });
    shiftMs = LEASE_MS + 1;
    const after = await askForClaim(other, 'other', { leaseMs: LEASE_MS });

    expect([during.verdict, after.verdict]).toEqual(['held', 'granted']);
    expect(after.token).toBeGreaterThan(token);
    // Nothing in the folder belongs to a process: there is no lock that its death could leave.
    expect(place.names().filter((name) => !/^(head-|origin$|members$)/.test(name))).toEqual([]);
  });
});

describe('processes that are killed in the middle of a write', () => {
  const LEAST_KILLS = 100;
  /** Each of 47 steps has been the one to die at in each of three ways after 141. */
  const MOST_KILLS = 200;
  const AT_ONCE = 3;
  const LONGEST_LIFE_MS = 15_000;
  const ways = ['before', 'amid', 'after'] as const;
  const calls = ['close', 'link', 'open', 'rename', 'sync', 'unlink', 'writeFile'];
  const wanted = [...calls.flatMap((call) => [`before ${call}`, `after ${call}`]), 'amid writeFile']; // prettier-ignore

  /** Goes on publishing until it dies; tells where. */
  async function publishUntilKilled(index: number): Promise<string> {
    // Every step of a whole turn (sign, claim, body, head, tidying), before, amid and after it.
    const step = 1 + ((index * 7) % 47);
    const args = [place.folder, `k${index}`, `${step}`, ways[index % ways.length]!];
    const child = fork(PROGRAM, args, { execArgv: [], silent: true });
    doomed.add(child);
    // Where the disk is too slow for it to come that far, it dies at a moment of chance.
    let impatience: NodeJS.Timeout | undefined;
    child.once('message', () => {
      impatience = setTimeout(() => child.kill('SIGKILL'), LONGEST_LIFE_MS);
    });
    child.once('exit', () => doomed.delete(child));
    let told = '';
    child.stdout?.on('data', (bytes) => (told += String(bytes)));
    child.stderr?.on('data', (bytes) => (told += String(bytes)));
    const [, signal] = (await once(child, 'close')) as [number | null, string | null];
    clearTimeout(impatience);
    expect([told, signal]).toEqual([
      expect.stringMatching(/^((before|amid|after) \w+\n)?$/),
      'SIGKILL',
    ]);
    return told.trim();
  }

  it('F35: leave the head readable, whole and never older, before and after every call, a hundred times', async () => {
    const reader = await place.open();
    const deaths: string[] = [];
    const isShown = (): boolean =>
      deaths.length >= LEAST_KILLS && wanted.every((death) => deaths.includes(death));
    let next = 0;
    const line = async (): Promise<void> => {
      while (next < MOST_KILLS && !isShown()) {
        next += 1;
        deaths.push(await publishUntilKilled(next));
      }
    };
    let isOver = false;
    const seen: number[] = [0];
    const torn: number[] = [];
    const watching = (async () => {
      while (!isOver) {
        const head = await reader.readHead();
        seen.push(head?.revision ?? 0);
        const read = head && (await reader.readBody(head.revision));
        const body = JSON.parse(String(read?.body ?? '{}')) as { readonly token?: number };
        if (body.token !== head?.revision) torn.push(head?.revision ?? 0);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    await Promise.all(Array.from({ length: AT_ONCE }, line)).finally(() => (isOver = true));
    await watching;

    expect(wanted.filter((death) => !deaths.includes(death))).toEqual([]);
    expect(torn).toEqual([]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    const highest = seen.at(-1) ?? 0;
    expect(new Set(seen).size).toBeGreaterThan(LEAST_KILLS / 20);

    const survivor = await place.open();
    let token = 0;
    const isGranted = async (): Promise<boolean> => {
      const reply = await askForClaim(survivor, 'survivor');
      ({ token } = reply);
      return reply.verdict === 'granted';
    };
    expect(await eventually(isGranted)).toBe(true);
    expect(token).toBeGreaterThan(highest);
  });
});
