/** Where the flags stand, in the words of the page. */
import { basename } from 'node:path';
import type { FlagsStatus } from 'nestjs-feature-flags';

export interface PageStatus {
  readonly ready: boolean;
  readonly mode: 'file' | 'posthog';
  /** The path of the file, or the host. */
  readonly source: string;
  /** The same in a few characters. */
  readonly sourceLabel: string;
  readonly flagCount: number;
  readonly revision?: number;
  /** Milliseconds since the definitions were last known to be current. */
  readonly ageMs?: number;
  /** What went wrong in the last turn, if anything did. */
  readonly problem?: { readonly message: string };
}

export function pageStatus(status: FlagsStatus, usesPostHog: boolean): PageStatus {
  const { ready, source, flagCount, revision, ageMs, lastOutcome } = status;
  const failed = lastOutcome?.kind === 'failed';
  return {
    ready,
    mode: usesPostHog ? 'posthog' : 'file',
    source,
    sourceLabel: usesPostHog ? source.replace(/^https?:\/\//, '') : basename(source),
    flagCount,
    revision,
    ageMs,
    ...(failed && { problem: { message: lastOutcome.failure.message } }),
  };
}
