/**
 * Grants that an instance gives to itself, where no store of claims gives them: one at a time, and
 * only for as long as a fetch may take. Their tokens are those of the lease, where it comes with
 * one. Else they are numbered by the clock of the instance, above all that it has seen, so what it
 * knows to be older it cannot publish over what is newer; with the clocks of two instances apart,
 * that is all that they promise.
 */
import type { FinishVerdict, Grant, HeldFacts } from '../cache/definition-cache.js';
import type { NewRecord, RecordHead } from '../cache/definition-record.js';
import type { RecordStore } from '../cache/record-store.js';
import type { Clock } from '../time/clock.js';

export interface OwnGrantsParts {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** How long a grant lasts; longer than a fetch and its publication together. */
  readonly leaseMs: number;
}

interface OpenGrant {
  readonly token: number;
  /** Revision of the content that the fetch may find unchanged; 0 when there was none. */
  readonly revision: number;
  /** Local, taken before the store was looked at: the grant cannot have begun earlier. */
  readonly askedAtMs: number;
}

export interface GrantTerms {
  /** Monotonic, taken before the store was looked at: the grant cannot have begun earlier. */
  readonly askedAtMs: number;
  readonly mustPublish: boolean;
  /** From a store that numbers publications; above all that is stored. @default by the own clock */
  readonly token?: number | undefined;
}

export class OwnGrants {
  private open: OpenGrant | undefined;

  constructor(private readonly parts: OwnGrantsParts) {}

  give(
    head: RecordHead | undefined,
    facts: HeldFacts,
    { askedAtMs, mustPublish, token: given }: GrantTerms,
  ): Grant {
    const revision = head?.revision ?? 0;
    const last = Math.max(revision, facts.revision, facts.token, facts.floor ?? 0);
    const token = given ?? Math.max(last + 1, Math.trunc(this.parts.clock.now()));
    this.open = { token, revision, askedAtMs };
    return { token, etag: head?.etag, mustPublish, failuresInARow: undefined };
  }

  /** @returns `fenced` for a grant that has run out, or was overtaken by a higher revision. */
  async publish(grant: Grant, record: NewRecord): Promise<FinishVerdict> {
    const open = this.stillOpen(grant);
    if (open === undefined) return 'fenced';
    const isPublished = await this.parts.records.publish(record, open.token);
    this.end();
    return isPublished ? 'accepted' : 'fenced';
  }

  /** Confirms what was there when the grant was given: what came meanwhile nobody has confirmed. */
  async confirm(grant: Grant): Promise<FinishVerdict> {
    const open = this.stillOpen(grant);
    if (open === undefined) return 'fenced';
    if (open.revision === 0) return 'must-publish';
    if (!(await this.parts.records.confirm(open.revision))) return 'must-publish';
    this.end();
    return 'accepted';
  }

  end(): void {
    this.open = undefined;
  }

  /** Undefined for a grant that may have run out, however long the process was paused since. */
  private stillOpen({ token }: Grant): OpenGrant | undefined {
    const { clock, leaseMs } = this.parts;
    const { open } = this;
    if (open === undefined || open.token !== token) return undefined;
    if (clock.monotonicMs() - open.askedAtMs <= leaseMs) return open;
    this.end();
    return undefined;
  }
}
