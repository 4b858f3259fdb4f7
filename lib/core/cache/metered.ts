/**
 * Records that are measured: the same store, with a meter at every call. It changes no answer and
 * hides no error, and it can what the store beneath can, no more and no less.
 *
 * A look is a hit when the shared copy is what this instance holds, or has seen at its last look:
 * a store of claims is told what the instance holds, a plain head is compared with the one before.
 */
import type { CheckReply, ClaimStore, FinishReply, FinishRequest } from '../coordination/claim-store.js'; // prettier-ignore
import type { LeaseStore } from '../coordination/lease-store.js';
import type { CacheMeter, MeteredResult, MeteredStep } from './cache-meter.js';
import type { NewRecord, RecordBody, RecordHead } from './definition-record.js';
import { isRecordBackend, type RecordBackend } from './record-backend.js';
import type { RecordStore } from './record-store.js';

/**
 * Measures a store of records, or a backend that is opened when the app starts:
 * `cache: { records: metered(redisCache(client), meter) }`. One meter may measure several.
 * @publicApi
 */
export function metered(records: RecordBackend, meter: CacheMeter): RecordBackend;
/** @publicApi */
export function metered(records: RecordStore, meter: CacheMeter): RecordStore;
/** @publicApi */
export function metered(
  records: RecordBackend | RecordStore,
  meter: CacheMeter,
): RecordBackend | RecordStore;
export function metered(
  records: RecordBackend | RecordStore,
  meter: CacheMeter,
): RecordBackend | RecordStore {
  if (!isRecordBackend(records)) return meteredStore(records, new Gauge(meter));
  const { mistakes } = records;
  return {
    ...(mistakes && { mistakes }),
    open: async (settings) => meteredStore(await records.open(settings), new Gauge(meter)),
  };
}

/** The meter at the calls of one store. */
class Gauge {
  constructor(private readonly meter: CacheMeter) {}

  /** Calls, measures, and answers what was answered. */
  async measure<T>(
    step: MeteredStep,
    call: () => Promise<T>,
    resultOf: (answer: T) => MeteredResult | undefined = () => undefined,
  ): Promise<T> {
    const { clock } = this.meter;
    const startedAtMs = clock.monotonicMs();
    const note = (ok: boolean, result: MeteredResult | undefined): void =>
      this.meter.note({ step, durationMs: clock.monotonicMs() - startedAtMs, ok, result });
    let answer: T;
    try {
      answer = await call();
    } catch (error) {
      note(false, undefined);
      throw error;
    }
    note(true, resultOf(answer));
    return answer;
  }
}

function meteredStore(store: RecordStore, gauge: Gauge): RecordStore {
  const { description, key, isInThisProcess, isForThreads, caveat, isReadByOthers, claims, lease } =
    store;
  let seen: RecordHead | undefined;
  const lookOf = (head: RecordHead | undefined): MeteredResult => {
    const isKnown = head !== undefined && isSame(head, seen);
    seen = head;
    return { kind: isKnown ? 'hit' : 'miss', granted: false };
  };
  return {
    description,
    ...(key !== undefined && { key }),
    ...(isInThisProcess !== undefined && { isInThisProcess }),
    ...(isForThreads !== undefined && { isForThreads }),
    ...(caveat !== undefined && { caveat }),
    ...(isReadByOthers !== undefined && { isReadByOthers }),
    ...(claims && { claims: meteredClaims(claims, gauge) }),
    ...(lease && { lease: meteredLease(lease, gauge) }),
    ...(store.watch && {
      watch: (...listeners) => store.watch?.(...listeners) ?? (() => undefined),
    }),
    readHead: () => gauge.measure('readHead', () => store.readHead(), lookOf),
    readBody: (revision) => gauge.measure('readBody', () => store.readBody(revision), readOf),
    publish: (record, revision) =>
      gauge.measure(
        'publish',
        () => store.publish(record, revision),
        (isTaken) => (isTaken ? publicationOf(record) : { kind: 'refused' }),
      ),
    confirm: (revision) =>
      gauge.measure(
        'confirm',
        () => store.confirm(revision),
        (isTaken) => ({
          kind: isTaken ? 'confirmed' : 'refused',
        }),
      ),
    close: () => gauge.measure('close', () => store.close()),
  };
}

function meteredClaims(claims: ClaimStore, gauge: Gauge): ClaimStore {
  const { longestSilenceMs } = claims;
  return {
    ...(longestSilenceMs !== undefined && { longestSilenceMs }),
    check: (request) => gauge.measure('check', () => claims.check(request), checkOf),
    finish: (request) =>
      gauge.measure(
        'finish',
        () => claims.finish(request),
        (reply) => finishOf(request, reply),
      ),
    leave: (instance) => gauge.measure('leave', () => claims.leave(instance)),
    members: () => gauge.measure('members', () => claims.members()),
  };
}

function meteredLease(lease: LeaseStore, gauge: Gauge): LeaseStore {
  const { isOpenToAll } = lease;
  const acquireWithToken = lease.acquireWithToken?.bind(lease);
  return {
    ...(isOpenToAll !== undefined && { isOpenToAll }),
    ...(acquireWithToken && {
      acquireWithToken: (owner, leaseMs, floor) =>
        gauge.measure('acquire', () => acquireWithToken(owner, leaseMs, floor)),
    }),
    acquire: (owner, leaseMs) => gauge.measure('acquire', () => lease.acquire(owner, leaseMs)),
    release: (owner) => gauge.measure('release', () => lease.release(owner)),
  };
}

/** The digest is left out when it is the caller's. */
function checkOf({ verdict, revision, digest }: CheckReply): MeteredResult {
  const isHeld = revision !== 0 && digest === undefined;
  return { kind: isHeld ? 'hit' : 'miss', granted: verdict === 'granted' };
}

function finishOf({ result }: FinishRequest, reply: FinishReply): MeteredResult | undefined {
  if (result.kind !== 'new' && result.kind !== 'same') return undefined;
  if (reply !== 'accepted') return { kind: 'refused' };
  return result.kind === 'new' ? publicationOf(result.record) : { kind: 'confirmed' };
}

function readOf(read: { readonly body: RecordBody } | undefined): MeteredResult {
  return read === undefined ? { kind: 'no-body' } : { kind: 'body', bytes: bytesOf(read.body) };
}

function publicationOf({ body }: NewRecord): MeteredResult {
  return { kind: 'published', bytes: bytesOf(body) };
}

function bytesOf(body: RecordBody): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}

function isSame(head: RecordHead, seen: RecordHead | undefined): boolean {
  return seen !== undefined && head.revision === seen.revision && head.digest === seen.digest;
}
