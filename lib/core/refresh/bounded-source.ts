/**
 * The definition source as the cycle may call it: a fetch always ends, in an answer. Sources
 * have deadlines of their own; this one is the net for a source that has none.
 */
import type { DefinitionSource, DefinitionSourceAnswer } from '../definitions/definition-source.js';
import { isFlagsError } from '../errors/flags-error.js';
import { messageOf } from '../errors/message-of.js';
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

  /** @param ms longest wait, where it is shorter than the usual one. */
  async fetch(
    etag: string | undefined,
    ms = this.parts.timeoutMs,
  ): Promise<DefinitionSourceAnswer> {
    const { source, clock, signal } = this.parts;
    const what = `The definition source (${source.description})`;
    // A signal of its own for each fetch: listeners would pile up at one that lives with the app.
    const abort = new AbortController();
    try {
      const answer: unknown = await withDeadline({ clock, ms, signal, what }, () =>
        source.fetch({ signal: abort.signal, ...(etag === undefined ? {} : { etag }) }),
      );
      return isAnswer(answer) ? answer : noAnswer(what);
    } catch (cause) {
      const isLate = isFlagsError(cause) && cause.code === 'deadline-exceeded';
      const message = `${what} failed: ${messageOf(cause)}`;
      return { kind: 'failed', failure: { code: isLate ? 'timeout' : 'network', message, cause } };
    } finally {
      abort.abort();
    }
  }

  /** Releases what the source holds. What it throws has nobody left to hear it. */
  async close(timeoutMs: number): Promise<void> {
    const { source, clock } = this.parts;
    const deadline = { clock, ms: timeoutMs, what: 'Closing the definition source' };
    await withDeadline(deadline, () => source.close?.()).catch(() => undefined);
  }
}

const kinds: readonly unknown[] = ['definitions', 'not-modified', 'failed'];

/** Sources are written by apps too, and not all of them in TypeScript. */
function isAnswer(value: unknown): value is DefinitionSourceAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, failure } = value as { kind?: unknown; failure?: unknown };
  if (kind === 'failed') return typeof failure === 'object' && failure !== null;
  return kinds.includes(kind);
}

function noAnswer(what: string): DefinitionSourceAnswer {
  const message = `${what} answered nothing that fetch() may answer. It must resolve with { kind: 'definitions', body }, { kind: 'not-modified' } or { kind: 'failed', failure }.`;
  return { kind: 'failed', failure: { code: 'invalid-definitions', message } };
}
