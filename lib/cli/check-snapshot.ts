/**
 * Looks at a snapshot file: whole or not, of whom, how old, how many flags. For a step of a build.
 * Of whom is a question only where the environment says for which project the app is built.
 */
import { parseDefinitions } from '../core/definitions/parse-definitions.js';
import { systemClock } from '../core/time/clock.js';
import { durationText } from '../log/duration-text.js';
import { resolveHost } from '../posthog/posthog-host.js';
import { projectIdentity } from '../posthog/project-identity.js';
import { readSnapshot, type Snapshot } from '../sources/snapshot-file.js';
import type { ExitCode, Surroundings } from './surroundings.js';

export interface CheckOptions {
  readonly path: string;
  readonly maxAgeMs: number | undefined;
  readonly host: string | undefined;
  readonly projectApiKey: string | undefined;
}

export async function checkSnapshot(
  options: CheckOptions,
  { env, say, complain }: Surroundings,
): Promise<ExitCode> {
  const { path, maxAgeMs = Number.POSITIVE_INFINITY } = options;
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
  const most = maxAgeMs < 1_000 ? `${maxAgeMs} ms` : durationText(maxAgeMs);
  const mistakes = [
    mistakeInOwner(read.snapshot, options, env),
    ageMs > maxAgeMs ? `It is older than the ${most} of --max-age-ms. Take a new one.` : undefined,
  ].filter((mistake) => mistake !== undefined);
  for (const mistake of mistakes) complain(mistake);
  return mistakes.length === 0 ? 0 : 1;
}

/** What an app with these keys would refuse; nothing where no project is named. */
function mistakeInOwner(
  { identity, source }: Snapshot,
  options: CheckOptions,
  env: Surroundings['env'],
): string | undefined {
  const projectApiKey = (options.projectApiKey ?? env['POSTHOG_PROJECT_API_KEY'])?.trim() ?? '';
  if (projectApiKey === '' || identity === undefined) return undefined;
  // Many apps have the host in their code: one that is not named is taken to be the right one.
  const named = (options.host ?? env['POSTHOG_HOST'])?.trim() ?? '';
  const host = resolveHost(named === '' ? source : named, true);
  if (!host.ok) return `The host ${host.mistake}`;
  if (projectIdentity(host.host, projectApiKey) === identity) return undefined;
  return 'It is of another project or host than POSTHOG_PROJECT_API_KEY and POSTHOG_HOST (or the flags) name, and an app of these would refuse it. Take one with its keys and host.';
}
