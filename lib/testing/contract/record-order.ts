/** Publications go forward only, at once for every reader; their age is renewed and not dated. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { assertBetween, assertHas } from './contract-assertions.js';
import type { RecordPlace, RecordTrial } from './record-place.js';

const RACERS = 12;
const RACES = 5;
const HANDLES = 4;
const PUBLICATIONS = 30;

async function handles(place: RecordPlace): Promise<RecordStore[]> {
  const opened: RecordStore[] = [];
  while (opened.length < HANDLES) opened.push(await place.another());
  return opened;
}

/** Reads until the writer is done, and expects each head to lead to its own body, or a newer one. */
async function expectWhole(
  { recordOf }: RecordTrial,
  reader: RecordStore,
  isOver: () => boolean,
): Promise<void> {
  let last = 0;
  do {
    const head = await reader.readHead();
    if (head === undefined) continue;
    ok(head.revision >= last, `a head went back from ${last} to ${head.revision}`);
    last = head.revision;
    const expected = recordOf(`v${last}`);
    strictEqual(head.digest, expected.digest, `the digest in the head of revision ${last}`);
    const found = await reader.readBody(last);
    if (found === undefined) {
      // Where a body is not kept, it may have been overtaken meanwhile.
      const next = await reader.readHead();
      ok(next !== undefined && next.revision > last, `the head of revision ${last} has no body`);
      continue;
    }
    assertHas(found.head, { revision: last, digest: expected.digest }, 'the head beside a body');
    deepStrictEqual(found.body, expected.body, `the body of revision ${last}`);
  } while (!isOver());
}

const publishing: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is refused under the stored revision and under a lower one, and changes nothing',
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      const other = await place.another();
      strictEqual(await store.publish(recordOf('v2'), 2), true, 'publish(2)');
      strictEqual(await other.publish(recordOf('v1'), 1), false, 'publish(1) after 2');
      strictEqual(await other.publish(recordOf('ghost'), 2), false, 'publish(2) after 2');
      const { digest, body } = recordOf('v2');
      assertHas(await store.readHead(), { revision: 2, digest }, 'the head');
      assertHas(await store.readBody(2), { body }, 'the body');
    },
  },
  {
    name: 'is seen by every handle at once',
    run: async ({ place, recordOf }) => {
      const fleet = await handles(place);
      for (const [index, store] of fleet.entries()) {
        const revision = index + 1;
        strictEqual(await store.publish(recordOf(`v${revision}`), revision), true, 'publish()');
        const seen = await Promise.all(fleet.map(async (one) => (await one.readHead())?.revision));
        deepStrictEqual(seen, Array(HANDLES).fill(revision), 'the revisions seen');
      }
    },
  },
  {
    name: 'by many at the same moment is accepted of one, and that one is read',
    needs: ['atomicPublish'],
    run: async ({ place, recordOf }) => {
      const fleet = await handles(place);
      for (let race = 1; race <= RACES; race += 1) {
        const names = Array.from({ length: RACERS }, (_, n) => `race ${race}, ${n}`);
        const answers = await Promise.all(
          names.map((name, n) =>
            storeAt(fleet, n)
              .publish(recordOf(name), race)
              // That another's body lies there already may be an error, too.
              .catch((error: unknown) => !(error instanceof Error)),
          ),
        );
        const winners = names.filter((_, n) => answers[n] === true);
        strictEqual(winners.length, 1, `accepted publications of one revision`);
        const { digest, body } = recordOf(String(winners[0]));
        assertHas(await storeAt(fleet, race).readHead(), { revision: race, digest }, 'the head');
        assertHas(await storeAt(fleet, race).readBody(race), { body }, 'the body');
      }
    },
  },
  {
    name: 'by many under different revisions leaves the highest',
    needs: ['atomicPublish'],
    run: async ({ place, recordOf }) => {
      const fleet = await handles(place);
      const revisions = Array.from({ length: RACERS }, (_, n) => ((n * 5) % RACERS) + 1);
      const answers = await Promise.all(
        revisions.map((revision, n) =>
          storeAt(fleet, n).publish(recordOf(`v${revision}`), revision),
        ),
      );
      strictEqual(answers[revisions.indexOf(RACERS)], true, 'publish() of the highest');
      const { digest, body } = recordOf(`v${RACERS}`);
      assertHas(await storeAt(fleet, 0).readHead(), { revision: RACERS, digest }, 'the head');
      assertHas(await storeAt(fleet, 1).readBody(RACERS), { body }, 'the body');
    },
  },
  {
    name: 'never shows a head whose body is another’s',
    run: async (trial) => {
      const { place, recordOf } = trial;
      const writer = await place.another();
      let isOver = false;
      const reading = Promise.all(
        [await place.another(), await place.another()].map((reader) =>
          expectWhole(trial, reader, () => isOver),
        ),
      );
      try {
        for (let revision = 1; revision <= PUBLICATIONS; revision += 1) {
          strictEqual(await writer.publish(recordOf(`v${revision}`), revision), true, 'publish()');
        }
      } finally {
        isOver = true;
        await reading;
      }
    },
  },
  {
    name: 'leaves the body that it overtook readable for a while',
    needs: ['oldBodies'],
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      const other = await place.another();
      await store.publish(recordOf('v1'), 1);
      await store.publish(recordOf('v2'), 2);
      const { digest, body } = recordOf('v1');
      const found = await other.readBody(1);
      assertHas(found?.head, { revision: 1, digest }, 'the head beside the overtaken body');
      assertHas(found, { body }, 'the overtaken body');
    },
  },
];

const age: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'grows, and confirm() of the stored revision renews it for all',
    run: async ({ place, time, recordOf }) => {
      const store = await place.another();
      const other = await place.another();
      await store.publish(recordOf('v1'), 7);
      const first = (await other.readHead())?.ageMs ?? Number.NaN;
      await time.pass(time.soonMs);
      const aged = (await other.readHead())?.ageMs;
      // A timer may fire a little early by another clock.
      assertBetween(
        aged,
        first + 0.8 * time.soonMs,
        Number.MAX_SAFE_INTEGER,
        'the age after a wait',
      );
      const before = time.nowMs();
      strictEqual(await store.confirm(7), true, 'confirm(7)');
      const renewed = (await other.readHead())?.ageMs;
      const passedMs = time.isInHand ? 0 : time.nowMs() - before;
      assertBetween(renewed, 0, passedMs + 5, 'the age after confirm()');
    },
  },
  {
    name: 'is not renewed by confirm() of another revision',
    run: async ({ place, time, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      await store.readHead();
      await time.pass(time.soonMs);
      for (const revision of [0, 6, 8]) {
        strictEqual(await store.confirm(revision), false, `confirm(${revision})`);
      }
      const aged = (await store.readHead())?.ageMs;
      assertBetween(aged, 0.8 * time.soonMs, Number.MAX_SAFE_INTEGER, 'the age');
    },
  },
  {
    name: 'is all that confirm() changes',
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      const { ageMs: _before, ...head } = (await store.readHead()) ?? { ageMs: 0 };
      strictEqual(await store.confirm(7), true, 'confirm(7)');
      assertHas(await store.readHead(), head, 'the head');
      assertHas(await store.readBody(7), { body: recordOf('v1').body }, 'the body');
    },
  },
];

function storeAt(fleet: readonly RecordStore[], n: number): RecordStore {
  const store = fleet[n % fleet.length];
  if (store === undefined) throw new Error('there is no handle');
  return store;
}

export const recordOrder: readonly CaseGroup<RecordTrial>[] = [
  { title: 'a publication', cases: publishing },
  { title: 'its age', cases: age },
];
