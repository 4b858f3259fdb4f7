/**
 * Places for the contract suites of what lies in a register: a folder, a memory that threads share,
 * a table of DynamoDB. Whoever opens them says by which clock the stores count.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamodbCache } from '../../lib/caches-dynamodb.js';
import { fileCache } from '../../lib/caches-file.js';
import { createSharedMemory, sharedMemoryCache } from '../../lib/caches-shared-memory.js';
import { bodyName, folderNameOf, isHead } from '../../lib/caches/file/file-names.js';
import { SharedContents } from '../../lib/caches/shared-memory/shared-contents.js';
import { SharedText } from '../../lib/caches/shared-memory/shared-text.js';
import { namespaceOf } from '../../lib/core/cache/cache-key.js';
import type { RecordBackend } from '../../lib/caches.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import { systemClock, type Clock } from '../../lib/core/time/clock.js';
import type { ManualClock, RecordPlace } from '../../lib/testing.js';
import type { DynamodbServer } from './dynamodb-server.js';
import type { HeldClock } from './held-clock.js';
import { OutageClock, PATIENT_MS } from './outage-clock.js';

/** What all handles of one place share. */
const key = 'contract';
const identity = 'project';

/** A handle is a store of its own, opened from what an app names. */
function handlesOf(backend: () => RecordBackend, clock: Clock) {
  const stores: RecordStore[] = [];
  return {
    another: async (): Promise<RecordStore> => {
      const store = await backend().open({ identity, commandTimeoutMs: PATIENT_MS, clock });
      stores.push(store);
      return store;
    },
    closeAll: async (): Promise<void> => {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

/** The time of a clock that a test has in its hand. */
export function timeOf(clock: ManualClock | HeldClock) {
  return {
    advanceMs: (ms: number) => clock.advance(ms),
    setClockBackMs: (ms: number) => clock.jumpWallClock(-ms),
    nowMs: () => clock.now(),
  };
}

/** A folder of its own, as the processes of one host have it. */
export function filePlace(clock: Clock = systemClock): RecordPlace {
  const folder = mkdtempSync(join(tmpdir(), 'flags-contract-'));
  const inner = join(folder, folderNameOf(namespaceOf(key, identity)));
  const { another, closeAll } = handlesOf(() => fileCache(folder, { key }), clock);
  const remove = (path: string): void => rmSync(path, { recursive: true, force: true, maxRetries: 5 }); // prettier-ignore
  return {
    another,
    close: async () => {
      await closeAll();
      remove(folder);
    },
    wipe: () => remove(inner),
    loseBody: (revision) => remove(join(inner, bodyName(revision))),
    spoil: (part, revision) => {
      const names = part === 'body' ? [bodyName(revision)] : readdirSync(inner).filter(isHead);
      for (const name of names) writeFileSync(join(inner, name), 'mine');
    },
  };
}

/** One memory, with a store for each handle, as each thread has one. */
export function sharedMemoryPlace(clock: Clock = systemClock): RecordPlace {
  const memory = createSharedMemory();
  const { another, closeAll } = handlesOf(() => sharedMemoryCache(memory), clock);
  const contents = new SharedContents(new SharedText(memory.buffer), identity, clock);
  return {
    another,
    close: closeAll,
    wipe: () =>
      contents.change(() => ({
        own: { name: identity, members: [], bodies: [] },
        reply: undefined,
      })),
    loseBody: (revision) =>
      contents.change(({ own }) => {
        const bodies = own.bodies.filter((body) => body.revision !== revision);
        return { own: { ...own, bodies }, reply: undefined };
      }),
  };
}

/** A partition of a table; the server can fall silent. */
export function dynamodbPlace(
  server: DynamodbServer,
  table: string,
  clock = new OutageClock(),
): RecordPlace & { readonly clock: OutageClock } {
  const ownKey = `contract-${randomUUID()}`;
  const partition = `flags:v1:${namespaceOf(ownKey, identity)}`;
  const backend = () => dynamodbCache(server.client, { table, key: ownKey });
  const { another, closeAll } = handlesOf(backend, clock);
  const removeAll = async (isMeant: (sortKey: string) => boolean): Promise<void> => {
    const found = [...(await server.items(table, partition)).keys()].filter(isMeant);
    await Promise.all(found.map((sortKey) => server.remove(table, partition, sortKey)));
  };
  const wipe = () => removeAll(() => true);
  return {
    another,
    close: async () => {
      await closeAll();
      await wipe();
    },
    wipe,
    loseBody: (revision) =>
      removeAll((name) => name === `body#${revision}` || name.startsWith(`piece#${revision}#`)),
    spoil: (part, revision) => {
      const sk = part === 'head' ? 'head' : `body#${revision}`;
      return server.put(table, { pk: { S: partition }, sk: { S: sk }, mine: { BOOL: true } });
    },
    stopServer: () => {
      clock.begin();
      server.intercept = () => ({ fault: 'silence' });
    },
    startServer: () => {
      clock.end();
      server.intercept = () => undefined;
    },
    clock,
  };
}
