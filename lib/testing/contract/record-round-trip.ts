/** A record comes back as it was given: to every handle, of every kind, to the byte. */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { contentOf, type NewRecord, type RecordBody } from '../../core/cache/definition-record.js';
import type { CaseGroup, ContractCase } from './contract-cases.js';
import { assertBetween, assertHas } from './contract-assertions.js';
import type { RecordTrial } from './record-place.js';

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const megabyte = 1_000_000;

const bodies: readonly (readonly [kind: string, body: RecordBody])[] = [
  ['nothing', ''],
  ['letters of all kinds', 'é ß ☃ 🎉 \u0000 \u2028 "\\ \n\r\t {{ %s $1'],
  ['a megabyte of text', '🎉'.repeat(megabyte / 4)],
  ['no bytes', new Uint8Array()],
  ['every byte', everyByte],
  ['a part of a larger buffer', everyByte.subarray(100, 160)],
  ['a megabyte of bytes', Uint8Array.from({ length: megabyte }, (_, n) => (n * 7) % 256)],
];

/** Publishes through one handle, and expects all of it at another. */
async function expectBack({ place }: RecordTrial, record: NewRecord): Promise<void> {
  const writer = await place.another();
  const reader = await place.another();
  strictEqual(await writer.publish(record, 7), true, 'publish() of a first record');
  const head = await reader.readHead();
  assertHas(head, { ...contentOf(record), revision: 7 }, 'the head');
  assertBetween(head?.ageMs, 0, Number.MAX_SAFE_INTEGER, 'the age');
  const found = await reader.readBody(7);
  assertHas(found?.head, { ...contentOf(record), revision: 7 }, 'the head beside the body');
  deepStrictEqual(plain(found?.body), plain(record.body), 'the body');
}

/** A Buffer is as good as its bytes. */
function plain(body: RecordBody | undefined): unknown {
  return typeof body === 'object' ? { bytes: Buffer.from(body).toString('base64') } : body;
}

const cases: readonly ContractCase<RecordTrial>[] = [
  {
    name: 'is described in a few words',
    run: async ({ place }) => {
      const { description } = await place.another();
      ok(typeof description === 'string' && description !== '', 'description is empty');
      strictEqual(/\/\/[^/]*:[^/]*@/.test(description), false, 'description holds a password');
    },
  },
  {
    name: 'has nothing at first',
    run: async ({ place }) => {
      const store = await place.another();
      strictEqual(await store.readHead(), undefined, 'readHead()');
      strictEqual(await store.readBody(1), undefined, 'readBody()');
      strictEqual(await store.confirm(1), false, 'confirm(1)');
      strictEqual(await store.confirm(0), false, 'confirm(0)');
    },
  },
  {
    name: 'gives head and body to another handle',
    run: (trial) => expectBack(trial, trial.recordOf('v1')),
  },
  ...bodies.map(([kind, body]) => ({
    name: `gives back ${kind}`,
    needs: ['anyBody'],
    run: (trial: RecordTrial) => expectBack(trial, trial.recordOf('v1', body)),
  })),
  {
    name: 'gives back the schema and the codec that were given',
    needs: ['anyBody'],
    run: (trial) =>
      expectBack(trial, { ...trial.recordOf('v1'), schema: 2, codec: 'json+gzip+of-tomorrow' }),
  },
  ...[undefined, ''].map((etag) => ({
    name: `takes ${etag === undefined ? 'no etag' : 'an empty etag'} for none`,
    run: async ({ place, recordOf }: RecordTrial) => {
      const store = await place.another();
      strictEqual(await store.publish({ ...recordOf('v1'), etag }, 7), true, 'publish()');
      strictEqual((await store.readHead())?.etag, undefined, 'the etag');
    },
  })),
  {
    name: 'has no body but under its own revision',
    run: async ({ place, recordOf }) => {
      const store = await place.another();
      await store.publish(recordOf('v1'), 7);
      strictEqual(await store.readBody(6), undefined, 'readBody(6)');
      strictEqual(await store.readBody(8), undefined, 'readBody(8)');
    },
  },
  ...[Date.UTC(2100, 0), 2 ** 50 + 1].map((revision) => ({
    name: `keeps a revision of ${revision} to the last digit`,
    run: async ({ place, recordOf }: RecordTrial) => {
      const store = await place.another();
      strictEqual(await store.publish(recordOf('v1'), revision), true, 'publish()');
      strictEqual((await store.readHead())?.revision, revision, 'the revision');
      strictEqual(await store.publish(recordOf('v2'), revision - 1), false, 'a lower one');
      strictEqual(await store.publish(recordOf('v2'), revision + 1), true, 'a higher one');
      const found = await store.readBody(revision + 1);
      strictEqual(found?.head.revision, revision + 1, 'the revision beside the body');
    },
  })),
];

export const recordRoundTrip: CaseGroup<RecordTrial> = { title: 'a record', cases };
