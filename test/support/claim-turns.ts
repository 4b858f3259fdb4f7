/** Whole turns of instances against any store of claims, for tests that are about something else. */
import type { NewRecord } from '../../lib/core/cache/definition-record.js';
import type { RecordStore } from '../../lib/core/cache/record-store.js';
import type {
  CheckReply,
  CheckRequest,
  ClaimStore,
  FinishReply,
} from '../../lib/core/coordination/claim-store.js';
import { checkRequest } from '../core/coordination/store-in-hand.js';

export function claimsOf(store: RecordStore): ClaimStore {
  if (store.claims === undefined) throw new Error(`${store.description} has no claims`);
  return store.claims;
}

/** A record whose digest is 64 characters, as real ones are. */
export function recordOf(
  name: string,
  body: NewRecord['body'] = `{"flags":["${name}"]}`,
): NewRecord {
  return { schema: 1, digest: name.padEnd(64, '0'), etag: `"${name}"`, codec: 'json', body };
}

/** A check that is granted whenever no claim is open: without grace, and kicked. */
export function askForClaim(
  store: RecordStore,
  instance: string,
  request: Partial<CheckRequest> = {},
): Promise<CheckReply> {
  const eager = { kick: true, graceMs: 0, shortestGapMs: 0 };
  return claimsOf(store).check(checkRequest({ instance, ...eager, ...request }));
}

export function publishAs(
  store: RecordStore,
  instance: string,
  token: number,
  record: NewRecord,
): Promise<FinishReply> {
  const result = { kind: 'new', record, nextDueMs: 30_000 } as const;
  return claimsOf(store).finish({ instance, token, result });
}

/** Claims and publishes. @returns the revision. */
export async function lead(
  store: RecordStore,
  instance: string,
  record: NewRecord,
): Promise<number> {
  const { verdict, token } = await askForClaim(store, instance);
  if (verdict !== 'granted') throw new Error(`${instance} was answered ${verdict}`);
  const reply = await publishAs(store, instance, token, record);
  if (reply !== 'accepted') throw new Error(`the publication of ${instance} was ${reply}`);
  return token;
}
