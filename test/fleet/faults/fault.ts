/** One thing that goes wrong with a real fleet: it begins, has its effect, and ends. */
import type { Random } from '../../simulation/world/random.js';
import { nowMs } from '../now.js';
import type { RealFleet } from '../real-fleet.js';
import type { FleetStore } from '../stores/fleet-store.js';
import type { CommandMark } from '../stores/store-proxy.js';

/** Of a store of one kind, or, as it is for most, of any. */
export type Fault<Store extends FleetStore = FleetStore> = (
  fleet: RealFleet<Store>,
  random: Random,
) => Promise<void>;

/** Some instance feels it: a call of its cache has failed since. */
export async function untilFelt(fleet: RealFleet, times = 1): Promise<void> {
  const from = nowMs();
  await fleet.until('an instance cannot reach its cache', () => {
    const felt = fleet.told.filter(
      (fact) => fact.type === 'turn' && fact.at >= from && fact.cacheFailures.length > 0,
    );
    return felt.length >= times;
  });
}

/** Some instance says what it meets with. */
export async function untilSaid(fleet: RealFleet, words: string): Promise<void> {
  const from = nowMs();
  await fleet.until(`an instance says ${words}`, () =>
    fleet.told.some((fact) => fact.type === 'log' && fact.at >= from && fact.text.includes(words)),
  );
}

/** The store grants so many more claims. */
export async function untilGranted(fleet: RealFleet, times = 1): Promise<void> {
  const from = nowMs();
  await fleet.until('claims are granted', () => fleet.count('granted', from) >= times);
}

/** Holds the next fetch at the source. Resolves with who fetches and what lets it go. */
export async function holdFetch(
  fleet: RealFleet,
): Promise<{ readonly instance: string; readonly release: () => void }> {
  return new Promise((resolve) => {
    fleet.source.intercept = (request) => {
      fleet.source.intercept = undefined;
      return new Promise((answer) => {
        const instance = String(request.headers['x-instance']);
        resolve({ instance, release: () => answer(undefined) });
      });
    };
  });
}

/** Holds the next finish on its way to the store. Resolves with whose it is and what lets it go. */
export async function holdFinish(
  fleet: RealFleet,
  mark: CommandMark = fleet.store.aFinish,
): Promise<{ readonly instance: string; readonly release: () => void }> {
  return new Promise((resolve) => {
    for (const [instance, proxy] of fleet.proxies) {
      proxy.holdAt(mark, () => {
        for (const other of fleet.proxies.values()) if (other !== proxy) other.release();
        resolve({ instance, release: () => proxy.release() });
      });
    }
  });
}
