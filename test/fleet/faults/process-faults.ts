/** What happens to the process of an instance: its end, its pauses, its clock. */
import { nowMs } from '../now.js';
import type { RealFleet } from '../real-fleet.js';
import { holdFetch, holdFinish, untilGranted, type Fault } from './fault.js';

async function killAndReplace(fleet: RealFleet, instance: string): Promise<void> {
  const child = fleet.processOf(instance);
  if (child === fleet.spared) return;
  await fleet.kill(child);
  await fleet.startProcess();
}

/** The others do without: what is new reaches them while one stands still. */
async function whileStopped(fleet: RealFleet, instance: string): Promise<void> {
  const resume = fleet.stop(fleet.processOf(instance));
  fleet.change();
  await fleet.until('the others are current', () => fleet.laggards().length === 0);
  resume();
}

/** A finish that arrives when another has published: the store must refuse it. */
async function untilRefused(fleet: RealFleet, instance: string, fromMs: number): Promise<void> {
  await fleet.until(`the late finish of ${instance} is refused`, () =>
    fleet.told.some(
      (fact) =>
        fact.type === 'executed-finish' &&
        fact.instance === instance &&
        // The log of a server may count whole milliseconds.
        fact.at >= fromMs - 1 &&
        !fact.isAccepted,
    ),
  );
}

export const processFaults = {
  leaderKilledIdle: async (fleet) => {
    await untilGranted(fleet);
    await killAndReplace(fleet, fleet.leader);
  },

  leaderStoppedIdle: async (fleet) => whileStopped(fleet, fleet.leader),

  leaderKilledWhileItFetches: async (fleet) => {
    fleet.change();
    const { instance, release } = await holdFetch(fleet);
    await killAndReplace(fleet, instance);
    release();
  },

  leaderStoppedWhileItFetches: async (fleet) => {
    fleet.change();
    const { instance, release } = await holdFetch(fleet);
    setTimeout(release, 100);
    await whileStopped(fleet, instance);
  },

  leaderKilledBeforeItPublishes: async (fleet) => {
    fleet.change();
    const { instance, release } = await holdFinish(fleet);
    const child = fleet.processOf(instance);
    if (child === fleet.spared) return release();
    await fleet.kill(child);
    fleet.change();
    await fleet.until('the others are current', () => fleet.laggards().length === 0);
    const from = nowMs();
    release();
    await untilRefused(fleet, instance, from);
    await fleet.startProcess();
  },

  leaderStoppedBeforeItPublishes: async (fleet) => {
    fleet.change();
    const { instance, release } = await holdFinish(fleet);
    const from = nowMs();
    await whileStopped(fleet, instance);
    release();
    await untilRefused(fleet, instance, from);
  },

  leaderTerminated: async (fleet) => {
    const child = fleet.processOf(fleet.leader);
    if (child === fleet.spared) return;
    child.signal('SIGTERM');
    await child.gone();
    await fleet.startProcess();
  },

  dateAnHourAhead: async (fleet, random) => shiftDate(fleet, random.pick(fleet.alive), 3_600_000),

  dateAnHourBack: async (fleet, random) => shiftDate(fleet, random.pick(fleet.alive), -3_600_000),
} satisfies Record<string, Fault>;

async function shiftDate(
  fleet: RealFleet,
  child: RealFleet['processes'][number],
  ms: number,
): Promise<void> {
  child.order({ command: 'shift-date', ms });
  await untilGranted(fleet, 2);
}
