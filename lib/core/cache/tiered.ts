/**
 * Records in two places: a near one (a file, memory that is shared) over the far one that all
 * instances share. The far one is the truth: heads, claims, leases and pushes are its own, and a
 * publication is one when it has taken it. The near one saves the way for bodies, and gives
 * definitions to an instance that starts while the far one is away.
 *
 * It promises: a near store that fails, hangs or lies behind is as if it were not there. With the
 * far one away, an instance that has nothing yet gets what lies near, with its age; one that has
 * definitions is told that the cache is away, so that it keeps to the fleet's budget as ever.
 *
 * It does not promise the age of a near copy to the second: that counts from when it was laid down
 * or confirmed, and a copy that was read from afar was by then up to five minutes old.
 */
import type { CheckReply, CheckRequest, ClaimStore } from '../coordination/claim-store.js';
import { standIn } from '../coordination/stand-in.js';
import { isFlagsError } from '../errors/flags-error.js';
import { hasMethod } from '../given/given-value.js';
import type { Clock } from '../time/clock.js';
import type { RecordBody, RecordHead } from './definition-record.js';
import { NearTier } from './near-tier.js';
import { isRecordBackend, type RecordBackend, type RecordSettings } from './record-backend.js';
import type { RecordStore } from './record-store.js';

/** Share of the time of a command that may be spent on the near store. */
const NEAR_SHARE = 0.25;
/** What is older is not laid down near, where its age would begin anew. */
const OLDEST_KEPT_MS = 5 * 60_000;

/**
 * For the option `cache`: `tiered(near, redisCache(client))`, each a store of records or a backend.
 * Never throws; what is wrong with either is reported at start, together with all other mistakes.
 * @publicApi
 */
export function tiered(
  near: RecordBackend | RecordStore,
  far: RecordBackend | RecordStore,
): RecordBackend {
  return {
    mistakes: [...mistakesIn('near', near), ...mistakesIn('far', far)],
    open: (settings) => openTiers(near, far, settings),
  };
}

async function openTiers(
  near: RecordBackend | RecordStore,
  far: RecordBackend | RecordStore,
  settings: RecordSettings,
): Promise<RecordStore> {
  const { clock, commandTimeoutMs } = settings;
  const farStore = isRecordBackend(far) ? await far.open(settings) : far;
  try {
    const store = isRecordBackend(near) ? await near.open(settings) : near;
    const timeoutMs = NEAR_SHARE * commandTimeoutMs;
    return new Tiers(new NearTier({ store, clock, timeoutMs }), farStore, clock).records(store);
  } catch (error) {
    // One that is not there is no reason not to start; one that was written wrongly is.
    if (!isFlagsError(error) || error.code !== 'invalid-options') return farStore;
    if (farStore !== far) await farStore.close();
    throw error;
  }
}

function mistakesIn(tier: string, records: unknown): readonly string[] {
  if (isRecordBackend(records)) return (records.mistakes ?? []).map((what) => `${tier}: ${what}`);
  if (hasMethod(records, 'readHead')) return [];
  return [
    `${tier}: got no records, expected a store of records, or for example redisCache(client).`,
  ];
}

/** What the far store has said last of its record. */
interface Seen {
  readonly revision: number;
  readonly digest: string | undefined;
  readonly ageMs: number | undefined;
  readonly atMs: number;
}

class Tiers {
  private seen: Seen | undefined;
  /** A body was handed out: this instance has definitions, and needs no stand-in. */
  private hasServed = false;

  constructor(
    private readonly near: NearTier,
    private readonly far: RecordStore,
    private readonly clock: Clock,
  ) {}

  /** As one store, that can what the far one can. */
  records(nearStore: RecordStore): RecordStore {
    const { near, far } = this;
    const {
      description,
      key,
      isInThisProcess,
      isForThreads,
      caveat,
      isReadByOthers,
      claims,
      lease,
    } = far;
    return {
      description: `${description}, with ${nearStore.description} near`,
      ...(key !== undefined && { key }),
      ...(isInThisProcess !== undefined && { isInThisProcess }),
      ...(isForThreads !== undefined && { isForThreads }),
      ...(caveat !== undefined && { caveat }),
      ...(isReadByOthers !== undefined && { isReadByOthers }),
      ...(claims && { claims: this.claimsOf(claims) }),
      ...(lease && { lease }),
      ...(far.watch && { watch: (...listeners) => far.watch?.(...listeners) ?? (() => undefined) }),
      readHead: () => this.readHead(),
      readBody: (revision) => this.readBody(revision),
      publish: async (record, revision) => {
        const isTaken = await far.publish(record, revision);
        if (isTaken) near.keep(record, revision);
        return isTaken;
      },
      confirm: async (revision) => {
        const isTaken = await far.confirm(revision);
        if (isTaken) near.confirm(revision);
        return isTaken;
      },
      close: async () => {
        await Promise.all([near.close(), far.close()]);
      },
    };
  }

  private async readHead(): Promise<RecordHead | undefined> {
    try {
      const head = await this.far.readHead();
      this.seen = head && { ...head, atMs: this.clock.monotonicMs() };
      return head;
    } catch (error) {
      const kept = this.hasServed ? undefined : await this.near.readHead();
      if (kept === undefined) throw error;
      return kept;
    }
  }

  private async readBody(
    revision: number,
  ): Promise<{ head: RecordHead; body: RecordBody } | undefined> {
    const { near, far } = this;
    const seen = this.seen?.revision === revision ? this.seen : undefined;
    const kept = await near.readBody(revision);
    if (kept !== undefined && (seen?.digest === undefined || seen.digest === kept.head.digest)) {
      this.hasServed = true;
      const { ageMs } = kept.head;
      return { ...kept, head: { ...kept.head, ageMs: this.ageOf(seen) ?? ageMs } };
    }
    const read = await far.readBody(revision);
    if (read === undefined) return undefined;
    this.hasServed = true;
    const { head, body } = read;
    const { schema, digest, etag, codec, ageMs } = head;
    if (ageMs <= OLDEST_KEPT_MS) near.keep({ schema, digest, etag, codec, body }, revision);
    return read;
  }

  private ageOf(seen: Seen | undefined): number | undefined {
    if (seen?.ageMs === undefined) return undefined;
    return seen.ageMs + (this.clock.monotonicMs() - seen.atMs);
  }

  private claimsOf(claims: ClaimStore): ClaimStore {
    const { near } = this;
    const { longestSilenceMs } = claims;
    return {
      ...(longestSilenceMs !== undefined && { longestSilenceMs }),
      check: (request) => this.check(claims, request),
      finish: async (request) => {
        const reply = await claims.finish(request);
        const { result, token } = request;
        if (reply !== 'accepted') return reply;
        if (result.kind === 'new') near.keep(result.record, token);
        if (result.kind === 'same' && this.seen) near.confirm(this.seen.revision);
        return reply;
      },
      leave: (instance) => claims.leave(instance),
      members: () => claims.members(),
    };
  }

  private async check(claims: ClaimStore, request: CheckRequest): Promise<CheckReply> {
    try {
      const reply = await claims.check(request);
      const { revision, ageMs, digest = request.digest } = reply;
      this.seen = { revision, ageMs, digest, atMs: this.clock.monotonicMs() };
      return reply;
    } catch (error) {
      const kept = request.revision === 0 ? await this.near.readHead() : undefined;
      if (kept === undefined) throw error;
      return standIn(kept);
    }
  }
}
