/**
 * The definition source as the cycle may call it: a fetch always ends, in an answer. Sources
 * have deadlines of their own; this one is the net for a source that has none.
 */
import type { DefinitionSource, DefinitionSourceAnswer } from '../definitions/definition-source.js';
import type { Clock } from '../time/clock.js';
import { withDeadline } from '../time/deadline.js';

export interface BoundedSourceParts {
  readonly source: DefinitionSource;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Ends the fetch in flight. */
  readonly signal: AbortSignal;
}

export class BoundedSource {
  constructor(private readonly parts: BoundedSourceParts) {}

  get description(): string {
    return this.parts.source.description;
  }

  async fetch(etag: string | undefined): Promise<DefinitionSourceAnswer> {
    const { source, clock, timeoutMs: ms, signal } = this.parts;
    const what = `The definition source (${source.description})`;
    try {
      return await withDeadline({ clock, ms, signal, what }, () =>
        source.fetch({ signal, ...(etag === undefined ? {} : { etag }) }),
      );
    } catch (cause) {
      const message = `${what} failed: ${cause instanceof Error ? cause.message : String(cause)}`;
      return { kind: 'failed', failure: { code: 'network', message, cause } };
    }
  }

  /** Releases what the source holds. What it throws has nobody left to hear it. */
  async close(timeoutMs: number): Promise<void> {
    const { source, clock } = this.parts;
    const deadline = { clock, ms: timeoutMs, what: 'Closing the definition source' };
    await withDeadline(deadline, () => source.close?.()).catch(() => undefined);
  }
}
