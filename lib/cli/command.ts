/**
 * Understands the command line: `snapshot` takes a snapshot, `snapshot --check` looks at one,
 * `override` signs overrides. Keys come from the environment and are never printed. No secret is a
 * flag: what stands on a command line can be read by others on the machine, and in the log of a build.
 */
import { messageOf } from '../core/errors/message-of.js';
import { overrideCommand } from './override-command.js';
import { snapshotCommand } from './snapshot-command.js';
import type { Command, ExitCode, Surroundings } from './surroundings.js';

export const USAGE = `Usage: nestjs-feature-flags snapshot --out <file> [options]
       nestjs-feature-flags snapshot --check <file> [--max-age-ms <ms>]
       nestjs-feature-flags override --flag <key>[=<value>] … --for <time> [options]

snapshot takes the flag definitions from PostHog and writes them into a file, from which an
app starts when it reaches neither its cache nor PostHog (option snapshotFile).

  --out <file>             where to write it; replaced as a whole, or not at all
  --host <url>             as POSTHOG_HOST; default https://us.i.posthog.com
  --project-api-key <key>  as POSTHOG_PROJECT_API_KEY; phc_…
  --timeout-ms <ms>        for the fetch, 1 to 60000; default 10000
  --allow-insecure-http    allows a host without TLS that is not this machine
  --check <file>           says how old a file is, and how many flags are in it; of another
                           project or host than are named, it is an error
  --max-age-ms <ms>        with --check: an older file is an error

The secret key (phs_… or phx_…) is read from POSTHOG_SECRET_KEY.

override signs overrides for requests (option overrides) and prints them, for the header
x-feature-flags-override or the cookie that the app reads.

  --flag <key>[=<value>]   true, false or the key of a variant; default true; may be repeated
  --for <time>             how long it holds: 90s, 30m, 2h or 7d
  --distinct-id <id>       for this person alone
  --audience <name>        for the app with this overrides.audience

The key is read from FEATURE_FLAGS_OVERRIDE_KEY: one of the app's overrides.keys.

Exit codes: 0 done, 1 failed (a file that was there is kept), 2 not understood.`;

const commands = new Map<string | undefined, Command>([
  ['snapshot', snapshotCommand],
  ['override', overrideCommand],
]);

/** Runs a command line, without the program's own name. Does not reject. */
export async function run(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    around.say(USAGE);
    return 0;
  }
  const [name, ...rest] = args;
  const command = commands.get(name);
  if (command === undefined) {
    return misunderstood('There are two commands: snapshot and override.', around);
  }
  try {
    const ended = await command(rest, around);
    return typeof ended === 'number' ? ended : misunderstood(ended.misunderstood, around);
  } catch (error) {
    around.complain(messageOf(error));
    return 1;
  }
}

function misunderstood(what: string, { complain }: Surroundings): ExitCode {
  complain(`${what}\n\n${USAGE}`);
  return 2;
}
