/**
 * The definitions that a `posthog-node` client can always be given: the last that were good,
 * wherever they came from. What is no definitions document never gets in, what is older than what
 * is held does not either, and what comes out is a copy, which nobody can spoil for the next.
 */
import { digestOf } from '../definitions/digest.js';
import type { FlagDefinitionCacheData } from '../definitions/flag-definitions.js';
import { parseDefinitions } from '../definitions/parse-definitions.js';
import { FlagsError } from '../errors/flags-error.js';
import { pause } from '../time/deadline.js';
import type { Clock } from '../time/clock.js';
import type { SdkDefinitions } from './sdk-definitions.js';
import type { SharedDefinitionCache } from './shared-definition-cache.js';

/** A definitions document, with what tells it from others. */
export interface GoodDefinitions {
  readonly definitions: FlagDefinitionCacheData;
  readonly digest: string;
}

export interface LastGoodDefinitionsParts {
  readonly cache: Pick<SharedDefinitionCache, 'look' | 'read'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

const FIRST_COLD_LOOK_MS = 50;
const LONGEST_COLD_LOOK_MS = 500;

export class LastGoodDefinitions {
  private current: (GoodDefinitions & { readonly revision: number }) | undefined;

  constructor(private readonly parts: LastGoodDefinitionsParts) {}

  get digest(): string | undefined {
    return this.current?.digest;
  }

  get definitions(): FlagDefinitionCacheData | undefined {
    return this.current?.definitions;
  }

  /** The shared revision that was seen last; 0 when none was. */
  get revision(): number {
    return this.current?.revision ?? 0;
  }

  /** Keeps what a fetch has brought; with its revision when it was published. */
  keep(good: GoodDefinitions, revision = this.revision): void {
    this.current = { ...good, revision };
  }

  /** What is held is shared under this revision. */
  sharedAs(revision = 0): void {
    if (this.current === undefined || revision < this.current.revision) return;
    this.current = { ...this.current, revision };
  }

  /** Undefined when there is nothing yet. */
  copy(): SdkDefinitions | undefined {
    if (this.current === undefined) return undefined;
    return structuredClone(this.current.definitions) as unknown as SdkDefinitions;
  }

  /**
   * Takes over what the cache holds, if it is something else.
   * @throws whatever the cache throws, and FlagsError `invalid-definitions` for what it should not
   * hold.
   */
  async refresh(isOver: () => boolean): Promise<void> {
    const { cache } = this.parts;
    const head = await cache.look();
    if (head === undefined || head.digest === this.digest || isOver()) return;
    const shared = await cache.read();
    if (shared === undefined || isOver()) return;
    const { revision = head.revision } = shared;
    const good = goodDefinitions(shared.document);
    if (revision >= this.revision) this.keep(good, revision);
  }

  /** Lets the leader publish before a herd of newcomers asks the source. */
  async waitForFirst(isOver: () => boolean): Promise<void> {
    const { clock, random, signal } = this.parts;
    let lookMs = FIRST_COLD_LOOK_MS;
    while (this.current === undefined && !isOver() && !signal.aborted) {
      await pause(clock, lookMs * (0.5 + random()), signal);
      lookMs = Math.min(2 * lookMs, LONGEST_COLD_LOOK_MS);
      await this.refresh(isOver);
    }
  }
}

/** @throws FlagsError `invalid-definitions` that says what is wrong, and holds no value of it. */
export function goodDefinitions(document: unknown): GoodDefinitions {
  const parsed = parseDefinitions(document);
  if (!parsed.ok) throw new FlagsError(parsed.message, { code: 'invalid-definitions' });
  // What came in stays somebody else's to change.
  const definitions = structuredClone(parsed.definitions);
  return { definitions, digest: digestOf(definitions) };
}
