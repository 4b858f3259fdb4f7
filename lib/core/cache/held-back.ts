/**
 * What a `posthog-node` client has received that looks like a mistake: it is not shared at first
 * sight. It counts when the client receives it once more; and, as a client that asks with its etag
 * is told only "not modified" of what it has, when two more of its claims end without a word. A
 * refresh of the fleet in between ends the doubt: whoever made it has asked the source, too.
 *
 * What it does not promise: that the client itself does not evaluate with it meanwhile.
 */
import type { GoodDefinitions } from './last-good-definitions.js';

interface Held {
  readonly good: GoodDefinitions;
  /** The last refresh of the fleet that was seen before it was received. */
  readonly after: number | undefined;
  readonly silences: number;
}

/** One silence may be a failure of the source, of which a client says nothing either. */
const SILENCES_THAT_CONFIRM = 2;

export class HeldBack {
  private held: Held | undefined;

  /** In doubt, and no refresh of the fleet has ended since. */
  isOpenAfter(refresh: number | undefined): boolean {
    return this.held !== undefined && this.held.after === refresh;
  }

  /** Whether it was received before, with nothing in between. */
  hasSeen({ digest }: GoodDefinitions, refresh: number | undefined): boolean {
    return this.isOpenAfter(refresh) && this.held?.good.digest === digest;
  }

  hold(good: GoodDefinitions, after: number | undefined): void {
    this.held = { good, after, silences: 0 };
  }

  forget(): void {
    this.held = undefined;
  }

  /**
   * A claim has ended of which nothing was heard.
   * @returns what counts from now on.
   */
  silence(refresh: number | undefined): GoodDefinitions | undefined {
    const { held } = this;
    if (held === undefined) return undefined;
    if (held.after !== refresh) {
      this.held = undefined;
      return undefined;
    }
    const silences = held.silences + 1;
    this.held = { ...held, silences };
    return silences < SILENCES_THAT_CONFIRM ? undefined : held.good;
  }
}
