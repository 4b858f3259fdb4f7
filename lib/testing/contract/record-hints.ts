/** What comes unasked and how it ends: hints, their end, the end of a handle, other places. */
import { ok, strictEqual } from 'node:assert/strict';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { assertHas } from './contract-assertions.js';
import type { RecordPlace, RecordTrial } from './record-place.js';

interface Watcher {
  hints: number;
  readonly unsubscribe: () => void;
}

/** A watch that is known to hear: it has been told of a publication. */
async function watcherOf(
  { time }: RecordTrial,
  store: RecordStore,
  publish: () => Promise<void>,
  onHint: () => void = () => undefined,
): Promise<Watcher> {
  let watcher: Watcher = { hints: 0, unsubscribe: () => undefined };
  ok(store.watch !== undefined, 'there is no watch()');
  const unsubscribe = store.watch(() => {
    watcher.hints += 1;
    onHint();
  });
  watcher = Object.assign(watcher, { unsubscribe });
  await publish();
  await time.eventually('a hint', async () => (watcher.hints > 0 ? true : undefined));
  return watcher;
}

async function publisherAt({ place, recordOf }: RecordTrial): Promise<() => Promise<void>> {
  const store = await place.another();
  let revision = 0;
  return async () => {
    revision += 1;
    strictEqual(await store.publish(recordOf(`v${revision}`), revision), true, 'publish()');
  };
}

/** Others are told of a publication; this one is not. */
async function expectSilence(
  trial: RecordTrial,
  watcher: Watcher,
  publish: () => Promise<void>,
): Promise<void> {
  const before = watcher.hints;
  await watcherOf(trial, await trial.place.another(), publish);
  strictEqual(watcher.hints, before, 'hints after the end');
}

const hints: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'comes to a watcher at another handle, at each publication',
    needs: ['push'],
    run: async (trial) => {
      const publish = await publisherAt(trial);
      const watcher = await watcherOf(trial, await trial.place.another(), publish);
      for (let times = 0; times < 3; times += 1) {
        const before = watcher.hints;
        await publish();
        await trial.time.eventually('a hint', async () => watcher.hints > before || undefined);
      }
      watcher.unsubscribe();
    },
  },
  {
    name: 'comes to the others when one that listens throws',
    needs: ['push'],
    run: async (trial) => {
      const publish = await publisherAt(trial);
      const store = await trial.place.another();
      const throwing = (): void => {
        throw new Error('of the listener');
      };
      await watcherOf(trial, store, publish, throwing);
      const watcher = await watcherOf(trial, store, publish);
      const before = watcher.hints;
      await publish();
      await trial.time.eventually('a hint', async () => watcher.hints > before || undefined);
    },
  },
  {
    name: 'comes no more to one that has left',
    needs: ['push'],
    run: async (trial) => {
      const publish = await publisherAt(trial);
      const left = await watcherOf(trial, await trial.place.another(), publish);
      left.unsubscribe();
      left.unsubscribe();
      await expectSilence(trial, left, publish);
    },
  },
  {
    name: 'comes no more to a handle that is closed',
    needs: ['push'],
    run: async (trial) => {
      const publish = await publisherAt(trial);
      const closing = await trial.place.another();
      const closed = await watcherOf(trial, closing, publish);
      await closing.close();
      await expectSilence(trial, closed, publish);
    },
  },
];

const end: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'comes once, however often it is asked for, and leaves the other handles open',
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      const other = await place.another();
      await store.publish(recordOf('v1'), 1);
      await Promise.all([store.close(), store.close()]);
      await store.close();
      assertHas(await other.readHead(), { revision: 1 }, 'the head at another handle');
      strictEqual(await other.publish(recordOf('v2'), 2), true, 'publish() at another handle');
    },
  },
  {
    name: 'lets no later call hang',
    run: async ({ place, time }) => {
      const store = await place.another();
      await store.close();
      await time.answer('readHead() after close()', async () => {
        await store.readHead().catch(() => undefined);
      });
    },
  },
];

/** Two places at the same time: the second is opened by the case itself. */
export function recordPlaces(
  open: () => RecordPlace | PromiseLike<RecordPlace>,
): CaseGroup<RecordTrial> {
  const apart: ContractCase<RecordTrial> = {
    name: 'have nothing in common',
    run: async ({ place, recordOf }) => {
      const elsewhere = await open();
      try {
        const here = await place.another();
        const there = await elsewhere.another();
        await here.publish(recordOf('v1'), 7);
        strictEqual(await there.readHead(), undefined, 'the head at the other place');
        strictEqual(await there.readBody(7), undefined, 'the body at the other place');
        strictEqual(await there.publish(recordOf('v2'), 3), true, 'publish() at the other place');
        assertHas(await here.readHead(), { revision: 7 }, 'the head here');
      } finally {
        await elsewhere.close();
      }
    },
  };
  return { title: 'two places', cases: [apart] };
}

export const recordHints: readonly CaseGroup<RecordTrial>[] = [
  { title: 'a hint', cases: hints },
  { title: 'the end of a handle', cases: end },
];
