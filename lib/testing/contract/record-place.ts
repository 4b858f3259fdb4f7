/**
 * A place where records lie, as the contract of record stores and claim stores wants to have it: a
 * fresh one for each case, with as many handles to it as there are instances, and with hooks by
 * which a case lets happen to it what happens to stores.
 */
import { createHash } from 'node:crypto';
import type { NewRecord } from '../../core/cache/definition-record.js';
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import type { RecordStore } from '../../core/cache/record-store.js';
import type { ContractRunner } from './contract-runner.js';
import { ContractTime, DEFAULT_PATIENCE_MS } from './contract-time.js';

/** One place, that no other case uses. The hooks are optional: see {@link RecordContractOptions}. @publicApi */
export interface RecordPlace {
  /** Another handle to the same place: as independent as that of another process. */
  another(): Awaitable<RecordStore>;
  /** Closes all handles, and removes what was written. */
  close(): Awaitable<void>;
  /** The place loses everything. */
  wipe?(): Awaitable<void>;
  /** The place loses this one body; nothing happens when it is not there. */
  loseBody?(revision: number): Awaitable<void>;
  /** Somebody else writes where the head lies, or the body of this revision. */
  spoil?(part: 'head' | 'body', revision: number): Awaitable<void>;
  /** Whatever keeps the place stops answering. */
  stopServer?(): Awaitable<void>;
  /** It answers again; what it kept may be lost. */
  startServer?(): Awaitable<void>;
  /** Lets time pass at the place. Without it, the cases wait short real times. */
  advanceMs?(ms: number): Awaitable<void>;
  /** The clock of the place goes back. */
  setClockBackMs?(ms: number): Awaitable<void>;
  /** What the clock of the place says now. */
  nowMs?(): number;
}

export const recordHooks = [
  'wipe',
  'loseBody',
  'spoil',
  'stopServer',
  'startServer',
  'advanceMs',
  'setClockBackMs',
  'nowMs',
] as const satisfies readonly (keyof RecordPlace)[];

/**
 * What not every backend promises. `anyBody`: text and bytes of any kind. `atomicPublish`: of two
 * that publish at the same moment one is refused. `oldBodies`: a body that was overtaken can be
 * read for a while. `push`: there is a `watch`. `seenLoss`: a check sees by itself that a body was
 * lost, before anybody has read it in vain.
 * @publicApi
 */
export type RecordPromise = 'anyBody' | 'atomicPublish' | 'oldBodies' | 'push' | 'seenLoss';

/** @publicApi */
export interface RecordContractOptions {
  /** @default the global `describe` and `it` */
  readonly runner?: ContractRunner;
  /**
   * Hooks that the place does not have and promises that the backend does not make, each with the
   * reason: what needs them is not asked. A hook that is neither there nor named here is a failure.
   * @default none
   */
  readonly lacks?: Partial<Record<(typeof recordHooks)[number] | RecordPromise, string>>;
  /** A record of this name, for a backend that takes only some. @default a short text of JSON */
  readonly recordOf?: (name: string) => NewRecord;
  /** How long a case waits for what must come, in milliseconds. @default 4_000 */
  readonly patienceMs?: number;
}

/** What a case has in its hands. */
export interface RecordTrial {
  readonly place: RecordPlace;
  readonly time: ContractTime;
  readonly recordOf: (name: string, body?: NewRecord['body']) => NewRecord;
}

export function recordTrial(
  place: RecordPlace,
  { recordOf, patienceMs = DEFAULT_PATIENCE_MS }: RecordContractOptions,
): RecordTrial {
  return {
    place,
    time: new ContractTime(place, patienceMs),
    recordOf: (name, body) => {
      const record = (recordOf ?? plainRecord)(name);
      return body === undefined ? record : { ...record, body };
    },
  };
}

/** Its digest is as long as a real one, its etag a weak one, as PostHog gives them. */
export function plainRecord(name: string): NewRecord {
  const digest = createHash('sha256').update(name).digest('hex');
  return { schema: 1, digest, etag: `W/"${name}"`, codec: 'json', body: `{"of":"${name}"}` };
}
