/** What `refresh()` answers in a fleet, where another instance may fetch what was asked for. */
import { describe, expect, it } from '@jest/globals';
import { Fleet } from './world/fleet.js';
import { VirtualInstance } from './world/virtual-instance.js';

const MINUTE_MS = 60_000;

/** How `refresh()` ended at each instance, asked at one of them after the other in the same moment. */
async function outcomesOf(seed: number, isChanged: boolean): Promise<readonly string[]> {
  const instances: VirtualInstance[] = [];
  const member = (parts: ConstructorParameters<typeof VirtualInstance>[0]) => {
    const instance = new VirtualInstance(parts);
    instances.push(instance);
    return instance;
  };
  const fleet = new Fleet({ seed, member });
  for (let n = 0; n < 5; n += 1) fleet.boot();
  await fleet.world.runUntil(MINUTE_MS);
  if (isChanged) fleet.source.change();
  const asked = instances.map(({ cycle }) => cycle.refresh());
  await fleet.world.runUntil(2 * MINUTE_MS);
  return (await Promise.all(asked)).map(({ kind }) => kind);
}

describe('refresh() in a fleet', () => {
  it.each([1, 2, 3, 4, 5, 6])(
    'says at each instance that the change has come, whichever of its turns brought it (seed %i)',
    async (seed) => {
      const outcomes = new Set(await outcomesOf(seed, true));
      expect([...outcomes].toSorted()).toEqual(['fetched', 'read']);
    },
  );

  it('says unchanged at those that had already what the refresh brought', async () => {
    const outcomes = new Set(await outcomesOf(1, false));
    expect([...outcomes].toSorted()).toEqual(['confirmed', 'unchanged']);
  });
});
