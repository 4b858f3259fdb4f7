/**
 * What the log says of overrides: which flags, never with which value. What a request carries is
 * told once, and what is refused once a minute for each reason; nothing of it is repeated.
 */
import type { OverrideListener } from '../core/overrides/override-stack.js';
import {
  MOST_SIGNED_BYTES,
  type OverrideRefusal,
  type SignedOverridesSettings,
} from '../core/overrides/signed-overrides.js';
import type { Clock } from '../core/time/clock.js';
import { named } from './counted-names.js';
import type { FlagsLogger } from './flags-logger.js';
import { LineLimit } from './line-limit.js';

/** Beside what the text itself shows: where it came from, and too late for whom. */
export type UnheededOverride = OverrideRefusal | 'other-person' | 'headers-sent';

export interface AcceptedOverride {
  readonly keys: readonly string[];
  readonly expiresAt: number;
  readonly keyIndex: number;
}

const REPEAT_AFTER_MS = 60_000;
const MOST_REMEMBERED = 1_000;

const because: Readonly<Record<UnheededOverride, string>> = {
  'too-large': `it has more than ${MOST_SIGNED_BYTES} characters`,
  malformed: 'it is none that signOverrides() has made, or a later version has made it',
  'wrong-signature':
    'it was changed, or signed with a key that is not among overrides.keys (if it is an old key, sign anew)',
  expired: 'it has expired; sign a new one',
  'not-yet': 'it was signed in the future; compare the clock of who signs with the one here',
  'lives-too-long': 'it was signed for longer than overrides.maxLifetimeMs allows',
  'other-audience': 'it was not signed for overrides.audience',
  'flag-not-allowed': 'it names a flag that is not among overrides.flags',
  'other-person': 'it was signed for another person than the one for whom flags are evaluated',
  'headers-sent':
    'no flag was asked for before the headers of the response were sent, so it could not be kept out of shared caches',
};

export class OverridesLog implements OverrideListener {
  private readonly lines: LineLimit;
  private readonly refusals = new Map<UnheededOverride, { atMs: number; heldBack: number }>();
  private readonly accepted = new Set<string>();
  private isTold = false;

  constructor(
    private readonly logger: FlagsLogger,
    private readonly clock: Clock,
  ) {
    this.lines = new LineLimit(clock);
  }

  overridden(keys: readonly string[]): void {
    if (!this.lines.take()) return;
    this.isTold = true;
    this.logger.log(`Overridden in code: ${named(keys)}.`);
  }

  nothingOverridden(): void {
    if (!this.isTold || !this.lines.take()) return;
    this.isTold = false;
    this.logger.log('Nothing is overridden in code any more.');
  }

  /** Told once, at start. */
  signedOnesAllowed({ header, cookie, rules }: SignedOverridesSettings): void {
    const places = [header && `the header ${header}`, cookie && `the cookie ${cookie}`];
    const where = places.filter((place) => place !== undefined).join(' or ');
    const { length } = rules.keys;
    const key = length === 1 ? 'the key in overrides.keys' : `one of ${length} keys`;
    if (rules.flags === '*') {
      return this.logger.warn(
        `Requests may override every flag, those of guards too, by what is signed with ${key}, in ${where}. Name the flags in overrides.flags to limit that.`,
      );
    }
    this.logger.log(
      `Requests may override ${named([...rules.flags])} by what is signed with ${key}, in ${where}.`,
    );
  }

  signedOneAccepted({ keys, expiresAt, keyIndex }: AcceptedOverride): void {
    const until = new Date(expiresAt).toISOString();
    const line = `Signed overrides are in use: ${named(keys)}, until ${until} (overrides.keys[${keyIndex}]).`;
    if (this.accepted.has(line) || !this.lines.take()) return;
    if (this.accepted.size >= MOST_REMEMBERED) this.accepted.clear();
    this.accepted.add(line);
    this.logger.log(line);
  }

  signedOneUnheeded(why: UnheededOverride): void {
    const nowMs = this.clock.monotonicMs();
    const before = this.refusals.get(why);
    if (before !== undefined && nowMs - before.atMs < REPEAT_AFTER_MS) {
      before.heldBack += 1;
      return;
    }
    const heldBack = before?.heldBack ?? 0;
    const repeated = heldBack === 0 ? '' : ` (${heldBack} more since the last time)`;
    this.refusals.set(why, { atMs: nowMs, heldBack: 0 });
    this.logger.warn(
      `A signed override is not heeded${repeated}: ${because[why]}. The request is served without it.`,
    );
  }
}
