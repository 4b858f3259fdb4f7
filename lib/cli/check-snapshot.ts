/** Looks at a snapshot file: whole or not, how old, how many flags. For a step of a build. */
import { parseDefinitions } from '../core/definitions/parse-definitions.js';
import { systemClock } from '../core/time/clock.js';
import { durationText } from '../log/duration-text.js';
import { readSnapshot } from '../sources/snapshot-file.js';
import type { ExitCode, Surroundings } from './surroundings.js';

export interface CheckOptions {
  readonly path: string;
  readonly maxAgeMs: number | undefined;
}

export async function checkSnapshot(
  { path, maxAgeMs = Number.POSITIVE_INFINITY }: CheckOptions,
  { say, complain }: Surroundings,
): Promise<ExitCode> {
  const read = await readSnapshot(path);
  if (!read.ok) {
    complain(read.message);
    return 1;
  }
  const { takenAtMs, source, definitions } = read.snapshot;
  const parsed = parseDefinitions(definitions);
  if (!parsed.ok) {
    complain(`The snapshot file ${path} cannot be used. ${parsed.message}`);
    return 1;
  }
  const ageMs = Math.max(0, systemClock.now() - takenAtMs);
  const flags = parsed.definitions.flags.length;
  say(
    `${path}: ${flags} ${flags === 1 ? 'flag' : 'flags'} from ${source}, taken ${new Date(takenAtMs).toISOString()} (${durationText(ageMs)} ago).`,
  );
  if (ageMs <= maxAgeMs) return 0;
  complain(`It is older than the ${durationText(maxAgeMs)} of --max-age-ms. Take a new one.`);
  return 1;
}
