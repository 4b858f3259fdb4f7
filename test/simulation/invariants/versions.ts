/**
 * Contents and versions: one content may be that of several versions, when a change was taken
 * back. What was seen is explained by the lowest version that is not older than what was seen
 * before; where there is none, somebody has gone back in time.
 */
import type { TraceEvent } from '../trace.js';
import { eventsOf } from '../trace.js';

export class Versions {
  private readonly byContent = new Map<string, number[]>();
  readonly began: readonly { readonly version: number; readonly at: number }[];

  constructor(trace: readonly TraceEvent[]) {
    this.began = eventsOf(trace, 'version');
    for (const { content, version } of eventsOf(trace, 'version')) {
      const known = this.byContent.get(content);
      if (known === undefined) this.byContent.set(content, [version]);
      else known.push(version);
    }
  }

  /** The lowest version with this content that is at least `previous` and had begun by then. */
  explain(content: string, previous: number, at: number): number | undefined {
    return this.byContent
      .get(content)
      ?.find((version) => version >= previous && (this.began[version - 1]?.at ?? Infinity) <= at);
  }

  /** The highest version with this content that had begun by then. */
  latest(content: string, at: number): number | undefined {
    return this.byContent
      .get(content)
      ?.findLast((version) => (this.began[version - 1]?.at ?? Infinity) <= at);
  }
}
