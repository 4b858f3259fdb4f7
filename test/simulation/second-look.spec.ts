/** A project that is emptied indeed reaches the whole fleet, though a drop must be seen twice. */
import { describe, expect, it } from '@jest/globals';
import type { DefinitionSource } from '../../lib/core/definitions/definition-source.js';
import { eventsOf } from './trace.js';
import { Fleet } from './world/fleet.js';
import type { SourceState } from './world/virtual-source.js';

const MINUTE_MS = 60_000;

/** How long a fleet takes to hold no flag after its project has been emptied; undefined: for ever. */
async function emptiedAfterMs(instances: number, seed: number, state: SourceState) {
  let isEmpty = false;
  const emptied = (source: DefinitionSource): DefinitionSource => ({
    ...source,
    fetch: async (request) => {
      const answer = await source.fetch(request);
      if (!isEmpty || answer.kind === 'failed') return answer;
      return { kind: 'definitions', body: { flags: [] }, etag: '"empty"' };
    },
  });
  const fleet = new Fleet({ seed, mutations: { source: emptied } });
  for (let n = 0; n < instances; n += 1) fleet.boot();
  await fleet.world.runUntil(MINUTE_MS);
  isEmpty = true;
  fleet.source.state = state;
  await fleet.world.runUntil(20 * MINUTE_MS);
  const applied = eventsOf(fleet.trace, 'applied').filter(({ content }) => content === undefined);
  const reached = new Set(applied.map(({ instance }) => instance));
  const fetches = eventsOf(fleet.trace, 'fetch-started').filter(({ at }) => at > MINUTE_MS);
  const isDone = reached.size === instances;
  return { ms: isDone ? Math.max(...applied.map(({ at }) => at)) - MINUTE_MS : undefined, fetches };
}

describe('F49: a project that is emptied indeed', () => {
  it.each([1, 2, 3])('reaches everybody with the next refresh (seed %i)', async (seed) => {
    const { ms = Infinity } = await emptiedAfterMs(10, seed, { kind: 'up' });
    expect(ms).toBeLessThan(45_000);
  });

  it.each([
    [2, 1],
    [5, 2],
    [20, 3],
  ])(
    'reaches %i instances too whose source takes half of the time for an answer (seed %i)',
    async (instances, seed) => {
      const slow: SourceState = { kind: 'slow', fromMs: 6_000, toMs: 9_000 };
      const { ms = Infinity } = await emptiedAfterMs(instances, seed, slow);
      expect(ms).toBeLessThan(5 * MINUTE_MS);
    },
  );
});
