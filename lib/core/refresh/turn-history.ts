/**
 * What the turns so far have come to: how the last one ended, who fetched what is held, and
 * whether the source gives what it is asked for. Where the cache counts the fetches of the whole
 * fleet its word holds: an instance that only follows must not take the source for well because
 * it has not asked it itself.
 */
import type { SharedState } from '../cache/definition-cache.js';
import type { FetchFailure } from '../definitions/definition-source.js';
import type { RefreshStatus } from './refresh-cycle-parts.js';
import type { InstanceRole, RefreshOutcome } from './refresh-outcome.js';

/** A word that is missing here would be taken for that of a newer version. */
const codes: Readonly<Record<FetchFailure['code'], true>> = {
  unauthorized: true,
  forbidden: true,
  'quota-exceeded': true,
  'rate-limited': true,
  'server-error': true,
  'unexpected-status': true,
  timeout: true,
  network: true,
  unreadable: true,
  'invalid-definitions': true,
  unconfirmed: true,
};

export class TurnHistory {
  private lastOutcome: RefreshOutcome | undefined;
  private role: InstanceRole | undefined;
  private sourceFailure: FetchFailure['code'] | undefined;
  private failuresInARow = 0;
  private isCopyRefused = false;
  /** Token of the last refresh that this instance brought to its end. */
  private ledToken: number | undefined;

  /** @param pace whether a turn without a fetch says that another leads, or only: not due. */
  constructor(private readonly pace: 'check' | 'interval') {}

  status(): Omit<RefreshStatus, 'ageMs' | 'revision' | 'loadedFrom'> {
    const { lastOutcome, role, sourceFailure, failuresInARow, isCopyRefused } = this;
    return { lastOutcome, role, sourceFailure, failuresInARow, isCopyRefused };
  }

  /** What an event says beside the outcome. */
  get facts(): Pick<RefreshStatus, 'role' | 'sourceFailure' | 'isCopyRefused'> {
    const { role, sourceFailure, isCopyRefused } = this;
    return { role, sourceFailure, ...(isCopyRefused && { isCopyRefused }) };
  }

  /**
   * @param shared what the cache answered in this turn; undefined when it did not
   * @param ownFailures fetches of this instance that have failed in a row
   * @param isRefused the copy was, when it was last read
   */
  note(
    outcome: RefreshOutcome,
    shared: SharedState | undefined,
    ownFailures: number,
    isRefused = false,
  ): void {
    this.lastOutcome = outcome;
    this.isCopyRefused = isRefused && shared !== undefined && shared.content !== 'none';
    this.noteRole(outcome, shared);
    const fleet = shared?.fetching;
    if (outcome.kind === 'failed') {
      const failures = Math.max(ownFailures, (fleet?.failuresInARow ?? 0) + 1);
      this.noteSource(outcome.failure.code, failures);
    } else if (outcome.kind === 'fetched' || outcome.kind === 'confirmed') {
      this.noteSource(undefined, 0);
    } else if (fleet !== undefined) {
      const { failuresInARow, reason } = fleet;
      this.noteSource(failuresInARow > 0 ? codeOf(reason) : undefined, failuresInARow);
    } else if (outcome.kind === 'read' || outcome.kind === 'unchanged') {
      this.noteSource(undefined, ownFailures);
    }
  }

  private noteSource(failure: FetchFailure['code'] | undefined, failuresInARow: number): void {
    this.sourceFailure = failure;
    this.failuresInARow = failuresInARow;
  }

  private noteRole(outcome: RefreshOutcome, shared: SharedState | undefined): void {
    if (outcome.kind === 'fetched' || outcome.kind === 'confirmed') {
      this.role = outcome.role;
      this.ledToken = outcome.role === 'leader' ? shared?.token : undefined;
    } else if (outcome.kind === 'read' || outcome.kind === 'unchanged') {
      const leads =
        shared?.verifiedToken === undefined
          ? this.pace === 'check' && outcome.kind === 'unchanged' && this.role === 'leader'
          : shared.verifiedToken === this.ledToken;
      this.role = leads ? 'leader' : 'follower';
    }
  }
}

/** A word that this version does not know comes from a newer one. */
function codeOf(reason: string | undefined): FetchFailure['code'] {
  return isCode(reason) ? reason : 'unexpected-status';
}

function isCode(reason: string | undefined): reason is FetchFailure['code'] {
  return reason !== undefined && Object.hasOwn(codes, reason);
}
