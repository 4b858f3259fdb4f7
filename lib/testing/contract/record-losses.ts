/** What a store does when it has lost something, holds what is not its own, or cannot be reached. */
import { ok, strictEqual } from 'node:assert/strict';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { assertHas } from './contract-assertions.js';
import type { RecordTrial } from './record-place.js';

/** Every question to a store, by its name. */
const questions: readonly (readonly [
  name: string,
  ask: (store: RecordStore) => Promise<unknown>,
])[] = [
  ['readHead()', (store) => store.readHead()],
  ['readBody()', (store) => store.readBody(7)],
  ['confirm()', (store) => store.confirm(7)],
];

const losses: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'everything: has nothing, and takes any revision',
    needs: ['wipe'],
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v9'), 9);
      await place.wipe?.();
      strictEqual(await store.readHead(), undefined, 'readHead()');
      strictEqual(await store.readBody(9), undefined, 'readBody()');
      strictEqual(await store.confirm(9), false, 'confirm()');
      strictEqual(await store.publish(recordOf('v1'), 1), true, 'publish()');
      assertHas(await store.readBody(1), { body: recordOf('v1').body }, 'the body');
    },
  },
  {
    name: 'a body: has none, and the next publication has one again',
    needs: ['loseBody'],
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 1);
      await place.loseBody?.(1);
      strictEqual(await store.readBody(1), undefined, 'readBody(1)');
      strictEqual(await store.publish(recordOf('v2'), 2), true, 'publish(2)');
      assertHas(await store.readBody(2), { body: recordOf('v2').body }, 'the body');
    },
  },
];

const strangers: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'in the place of the head is not taken for one: an error, or nothing',
    needs: ['spoil'],
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      await place.spoil?.('head', 7);
      const head = await store.readHead().catch((error: unknown) => {
        ok(error instanceof Error, 'what readHead() rejects with is no Error');
        return undefined;
      });
      ok(head === undefined || head.digest === '', 'a head was made of what is none');
    },
  },
  {
    name: 'in the place of a body is not taken for one: an error, or nothing',
    needs: ['spoil'],
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      await place.spoil?.('body', 7);
      const found = await store.readBody(7).catch((error: unknown) => {
        ok(error instanceof Error, 'what readBody() rejects with is no Error');
        return undefined;
      });
      strictEqual(found, undefined, 'a body was made of what is none');
    },
  },
];

const outages: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is an error of every call, in time: never an answer, never silence',
    needs: ['stopServer', 'startServer'],
    run: async ({ place, time, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      await place.stopServer?.();
      try {
        const asked = [
          ...questions,
          ['publish()', () => store.publish(recordOf('v2'), 8)] as const,
        ];
        for (const [name, ask] of asked) {
          const answer = await time.answer(name, () =>
            ask(store).then(
              (value) => `it answered ${JSON.stringify(value)}`,
              (error: unknown) => error instanceof Error,
            ),
          );
          strictEqual(answer, true, `${name} while there is nobody to answer`);
        }
      } finally {
        await place.startServer?.();
      }
    },
  },
  {
    name: 'ends: the same handle answers again',
    needs: ['stopServer', 'startServer'],
    run: async ({ place, time, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      await place.stopServer?.();
      await store.readHead().catch(() => undefined);
      await place.startServer?.();
      const isBack = (): Promise<true | undefined> =>
        store.publish(recordOf('v2'), 8).then(
          (published) => published || undefined,
          () => undefined,
        );
      await time.eventually('a publication after the outage', isBack);
      assertHas(await store.readHead(), { revision: 8 }, 'the head after the outage');
    },
  },
];

export const recordLosses: readonly CaseGroup<RecordTrial>[] = [
  { title: 'a place that lost', cases: losses },
  { title: 'what somebody else wrote', cases: strangers },
  { title: 'an outage', cases: outages },
];
