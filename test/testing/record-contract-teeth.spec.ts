/** The contracts of record stores and claim stores see each known fault, where it is. */
import { describe, expect, it } from '@jest/globals';
import { MemoryRecordStore } from '../../lib/core/cache/memory-record-store.js';
import type { NewRecord, RecordHead } from '../../lib/core/cache/definition-record.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import type {
  CheckReply,
  CheckRequest,
  ClaimResult,
  ClaimStore,
  FinishReply,
  FinishRequest,
} from '../../lib/core/coordination/claim-store.js';
import { describeClaimStore, describeRecordStore, ManualClock } from '../../lib/testing.js';
import { changedPlace, type Change } from '../support/changed-place.js';
import { failuresOf } from '../support/collecting-runner.js';

const lacks = {
  spoil: 'nobody else can write there',
  stopServer: 'it is in this process',
  startServer: 'it is in this process',
};

const headThen =
  (change: (head: RecordHead) => RecordHead): Change =>
  (store) => ({
    readHead: async () => {
      const head = await store.readHead();
      return head && change(head);
    },
  });
const publishes =
  (
    publish: (store: RecordStore, record: NewRecord, revision: number) => Promise<boolean>,
  ): Change =>
  (store) => ({ publish: (record, revision) => publish(store, record, revision) });

/** What the store that shows its head too soon shows at every handle. */
let ahead: RecordHead | undefined;
const elsewhere = new MemoryRecordStore(new ManualClock());

const brokenRecords: readonly (readonly [fault: string, change: Change, caught: RegExp])[] = [
  ['gives no description', () => ({ description: '' }), /is described/],
  ['finds a head where none is', (store) => ({ readHead: async () => (await store.readHead()) ?? ({ revision: 0 } as RecordHead) }), /has nothing at first/], // prettier-ignore
  ['counts letters', headThen((head) => ({ ...head, sizeBytes: head.sizeBytes - 1 })), /head and body/], // prettier-ignore
  ['keeps no schema', headThen((head) => ({ ...head, schema: 1 })), /the schema and the codec/],
  ['keeps an empty etag', headThen((head) => ({ ...head, etag: head.etag ?? '' })), /an empty etag/], // prettier-ignore
  [
    'writes in Latin',
    publishes((store, record, revision) => {
      const { body } = record;
      const spoilt = typeof body === 'string' ? Buffer.from(body, 'latin1').toString('latin1') : body; // prettier-ignore
      return store.publish({ ...record, body: spoilt }, revision);
    }),
    /letters of all kinds/,
  ],
  [
    'keeps bytes as text',
    publishes((store, record, revision) =>
      store.publish({ ...record, body: Buffer.from(record.body).toString('utf8') }, revision),
    ),
    /every byte/,
  ],
  [
    'keeps the whole buffer of a part',
    publishes((store, record, revision) => {
      const { body } = record;
      const whole = typeof body === 'string' ? body : new Uint8Array(body.buffer as ArrayBuffer);
      return store.publish({ ...record, body: whole }, revision);
    }),
    /a part of a larger buffer/,
  ],
  [
    'has one body for all revisions',
    (store) => ({
      readBody: async () => {
        const head = await store.readHead();
        return head && store.readBody(head.revision);
      },
    }),
    /under its own revision/,
  ],
  ['rounds large revisions', headThen((head) => ({ ...head, revision: Math.fround(head.revision) })), /to the last digit/], // prettier-ignore
  ['says yes to every publication', publishes(async (store, record, revision) => (await store.publish(record, revision)) || true), /is refused under the stored revision/], // prettier-ignore
  [
    'lets two publish at once',
    publishes(async (store, record, revision) => {
      const head = await store.readHead();
      if (head !== undefined && head.revision >= revision) return false;
      await store.publish(record, revision);
      return true;
    }),
    /by many at the same moment/,
  ],
  [
    'forgets what was overtaken',
    (store) => ({
      readBody: async (revision) =>
        (await store.readHead())?.revision === revision ? store.readBody(revision) : undefined,
    }),
    /readable for a while/,
  ],
  [
    'shows a head before its body',
    (store) => ({
      readHead: async () => ahead ?? (await store.readHead()),
      publish: async (record, revision) => {
        ahead = { ...record, revision, sizeBytes: 0, ageMs: 0 };
        await new Promise((resolve) => setImmediate(resolve));
        const isPublished = await store.publish(record, revision);
        ahead = undefined;
        return isPublished;
      },
    }),
    /never shows a head/,
  ],
  ['confirms any revision', (store) => ({ confirm: async () => { const head = await store.readHead(); return head !== undefined && store.confirm(head.revision); } }), /confirm\(\) of another revision/], // prettier-ignore
  ['renews no age', (store) => ({ confirm: async (revision) => (await store.readHead())?.revision === revision }), /renews it for all/], // prettier-ignore
  ['is always young', headThen((head) => ({ ...head, ageMs: 0 })), /grows, and confirm/],
  ['gives a date for an age', headThen((head) => ({ ...head, ageMs: Date.now() - head.ageMs })), /grows, and confirm/], // prettier-ignore
  ['tells no watcher', () => ({ watch: () => () => undefined }), /comes to a watcher/],
  ['lets no watcher leave', (store) => ({ watch: (onChanged) => { store.watch?.(onChanged); return () => undefined; } }), /to one that has left/], // prettier-ignore
  ['cannot be closed twice', () => { let isClosed = false; return { close: async () => { if (isClosed) throw new Error('closed'); isClosed = true; } }; }, /however often/], // prettier-ignore
  ['hangs when it is closed', (store) => { let isClosed = false; return { close: async () => { isClosed = true; }, readHead: () => (isClosed ? new Promise<never>(() => undefined) : store.readHead()) }; }, /lets no later call hang/], // prettier-ignore
  ['shares with another place', () => ({ publish: (record, revision) => elsewhere.publish(record, revision), readHead: () => elsewhere.readHead() }), /have nothing in common/], // prettier-ignore
];

describe('a record store that', () => {
  it.each(brokenRecords)('%s is seen', async (_fault, change, caught) => {
    const failures = await failuresOf((runner) => {
      const options = { runner, lacks, patienceMs: 100 };
      describeRecordStore('broken', () => changedPlace(change), options);
    });
    expect(failures).toContainEqual(expect.stringMatching(caught));
  });

  it('has no fault is not blamed', async () => {
    const failures = await failuresOf((runner) => {
      describeRecordStore('whole', () => changedPlace(() => ({})), { runner, lacks });
      describeClaimStore('whole', () => changedPlace(() => ({})), { runner, lacks });
    });
    expect(failures).toEqual([]);
  });
});

const asks =
  (change: Partial<CheckRequest>) =>
  (claims: ClaimStore): Partial<ClaimStore> => ({
    check: (request) => claims.check({ ...request, ...change }),
  });
const answers =
  (change: (reply: CheckReply, request: CheckRequest) => Partial<CheckReply>) =>
  (claims: ClaimStore): Partial<ClaimStore> => ({
    check: async (request) => {
      const reply = await claims.check(request);
      return { ...reply, ...change(reply, request) };
    },
  });
const ends =
  (change: (result: ClaimResult) => ClaimResult) =>
  (claims: ClaimStore): Partial<ClaimStore> => ({
    finish: (request) => claims.finish({ ...request, result: change(request.result) }),
  });
const finishes =
  (finish: (claims: ClaimStore, request: FinishRequest) => Promise<FinishReply>) =>
  (claims: ClaimStore): Partial<ClaimStore> => ({ finish: (request) => finish(claims, request) });

const brokenClaims: readonly (readonly [
  fault: string,
  change: (claims: ClaimStore) => Partial<ClaimStore>,
  caught: RegExp,
])[] = [
  ['grants everybody', answers(() => ({ verdict: 'granted' })), /F19/],
  ['grants nobody', answers(() => ({ verdict: 'held' })), /grants the first/],
  ['knows no lease', asks({ leaseMs: 0 }), /holds everybody off/],
  ['keeps a lease for ever', asks({ leaseMs: 1e9 }), /F09: that ran out/],
  ['knows no grace', asks({ graceMs: 0 }), /waits the grace/],
  ['has an endless grace', asks({ graceMs: 1e9 }), /waits the grace/],
  ['lets nobody sit out', asks({ sitOutMs: 0 }), /F07/],
  ['hears no kick', asks({ kick: false }), /overrules a delay/],
  ['knows no gap', asks({ shortestGapMs: 0 }), /not come sooner than the shortest gap/],
  ['believes no revision', asks({ revision: 0 }), /who holds more/],
  ['believes no floor', asks({ floor: 0 }), /finds no use/],
  ['believes no token', asks({ token: 0 }), /F11: is above all/],
  ['forgets no member', asks({ memberTtlMs: 1e9 }), /silent for too long/],
  ['gives an etag to all', answers(() => ({ etag: '"always"' })), /no etag without a grant/],
  ['gives no etag', answers(() => ({ etag: undefined })), /no etag without a grant/],
  ['gives no digest', answers(() => ({ digest: undefined })), /under its token, for all/],
  ['lets all be confirmed', answers(() => ({ mustPublish: false })), /says that it has nothing/],
  ['counts from the wrong end', answers(({ dueInMs }) => ({ dueInMs: -dueInMs })), /is nobody’s before/], // prettier-ignore
  ['is always young', answers(() => ({ ageMs: 0 })), /random operations/],
  ['tells no reason', answers(() => ({ reason: undefined })), /counts for the fleet/],
  ['counts no failures', answers(() => ({ failuresInARow: 0 })), /counts for the fleet/],
  ['counts one member', answers(() => ({ instances: 1 })), /who have looked/],
  ['verifies all', answers(({ token }) => ({ verifiedToken: token })), /proves nothing/],
  ['knows no wish of the source', ends((result) => (result.kind === 'failed' ? { ...result, notBeforeMs: 0 } : result)), /F47/], // prettier-ignore
  ['takes unheard for failed', ends((result) => (result.kind === 'unheard' ? { ...result, kind: 'failed', reason: 'x' } : result)), /unheard goes on/], // prettier-ignore
  ['takes a hand-over for a failure', ends((result) => (result.kind === 'handed-over' ? { kind: 'failed', reason: 'x', nextDueMs: 0 } : result)), /F57/], // prettier-ignore
  ['takes no new etag', ends((result) => (result.kind === 'same' ? { ...result, etag: undefined } : result)), /takes over another etag/], // prettier-ignore
  ['is always due', ends((result) => ('nextDueMs' in result ? { ...result, nextDueMs: 0 } : result)), /F05/], // prettier-ignore
  ['says that all ended well', finishes(async (claims, request) => { await claims.finish(request); return 'accepted'; }), /F04/], // prettier-ignore
  ['lets anybody end a claim', finishes(async (claims, request) => { for (const instance of ['a', 'b', 'slow', 'fast']) { const reply = await claims.finish({ ...request, instance }); if (reply !== 'fenced') return reply; } return 'fenced'; }), /F01/], // prettier-ignore
  ['publishes what is to be confirmed', finishes(async (claims, request) => { const reply = await claims.finish(request); return reply === 'must-publish' ? 'accepted' : reply; }), /nothing to confirm/], // prettier-ignore
  ['forgets nobody who leaves', () => ({ leave: async () => undefined }), /that leave are gone/],
  ['knows no members', () => ({ members: async () => [] }), /who have looked/],
];

describe('a claim store that', () => {
  it.each(brokenClaims)(
    '%s is seen, by its case and by comparison',
    async (_fault, change, caught) => {
      const failures = await failuresOf((runner) => {
        const options = { runner, lacks, patienceMs: 100, seed: 7 };
        const broken = () =>
          changedPlace((store) => {
            const { claims } = store;
            return claims === undefined ? {} : { claims: { ...claims, ...change(claims) } };
          });
        describeClaimStore('broken', broken, options);
      });
      expect(failures).toContainEqual(expect.stringMatching(caught));
      expect(failures).toContainEqual(expect.stringMatching(/random operations/));
    },
  );

  it('is broken is repeated by the seed that its failure names', async () => {
    const errorOf = async (seed: number | undefined): Promise<string> => {
      let body: (() => Promise<void>) | undefined;
      const runner = {
        describe: (_name: string, inner: () => void) => inner(),
        it: (_name: string, given: () => Promise<void>) => (body = given),
      };
      const broken = () =>
        changedPlace(({ claims }) => ({
          // Whatever is drawn, this is seen: at the first look.
          claims: {
            ...claims!,
            check: async (request) => ({ ...(await claims!.check(request)), failuresInARow: 77 }),
          },
        }));
      describeClaimStore('broken', broken, { runner, lacks, ...(seed === undefined ? {} : { seed }) }); // prettier-ignore
      return body!().then(
        () => '',
        (error: unknown) => String(error),
      );
    };
    const first = await errorOf(undefined);
    const seed = Number(/seed (\d+)/.exec(first)?.[1]);
    await expect(errorOf(seed)).resolves.toBe(first);
  });
});
