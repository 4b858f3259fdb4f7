/**
 * Whoever finds the refresh due throws a die, so that of many who look only one or two fetch; the
 * longer it is overdue, the better the chances, until the next to look fetches for certain. It
 * needs no lock, no clocks that agree and no index, and it does not promise that only one fetches.
 */
import type { FetchChooser, Look } from './self-chosen.js';

export interface BackoffSettings {
  /** Chance of one look at the moment when the refresh falls due. */
  readonly chance: number;
  /** So long after that the chance is 1. */
  readonly surelyAfterMs: number;
  readonly intervalMs: number;
  readonly random: () => number;
}

export class RandomBackoff implements FetchChooser {
  /** Looks in a row that have found nothing of use. */
  private emptyLooks = 0;

  constructor(private readonly settings: BackoffSettings) {}

  get whoFetches(): string {
    const { chance, surelyAfterMs } = this.settings;
    return `who finds the refresh due fetches by chance, ${chance} at first and surely ${surelyAfterMs} ms later, so that two rarely fetch at once`;
  }

  choose(look: Look): boolean {
    return look.kick || this.settings.random() < this.chanceOf(look);
  }

  private chanceOf({ head, isLost }: Look): number {
    const { chance, surelyAfterMs, intervalMs } = this.settings;
    if (isLost || head === undefined) {
      // Who has nothing looks often, and not for long: each look doubles the chance.
      this.emptyLooks += 1;
      return chance * 2 ** (this.emptyLooks - 1);
    }
    this.emptyLooks = 0;
    const overdueMs = head.ageMs - intervalMs;
    if (overdueMs < 0) return 0;
    return chance + (1 - chance) * (overdueMs / surelyAfterMs);
  }
}
