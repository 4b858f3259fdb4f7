/**
 * Understands the command line: `snapshot` takes a snapshot, `snapshot --check` looks at one. Keys
 * come from the environment and are never printed. The secret key is no flag: what stands on a
 * command line can be read by others on the machine, and in the log of a build.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../core/errors/message-of.js';
import { checkSnapshot } from './check-snapshot.js';
import type { ExitCode, Surroundings } from './surroundings.js';
import { takeSnapshot } from './take-snapshot.js';

export const USAGE = `Usage: nestjs-feature-flags snapshot --out <file> [options]
       nestjs-feature-flags snapshot --check <file> [--max-age-ms <ms>]

Takes the flag definitions from PostHog and writes them into a file, from which an app
starts when it reaches neither its cache nor PostHog (option snapshotFile).

  --out <file>             where to write it; replaced as a whole, or not at all
  --host <url>             as POSTHOG_HOST; default https://us.i.posthog.com
  --project-api-key <key>  as POSTHOG_PROJECT_API_KEY; phc_…
  --timeout-ms <ms>        for the fetch, 1 to 60000; default 10000
  --allow-insecure-http    allows a host without TLS that is not this machine
  --check <file>           says how old a file is, and how many flags are in it
  --max-age-ms <ms>        with --check: an older file is an error

The secret key (phs_… or phx_…) is read from POSTHOG_SECRET_KEY.
Exit codes: 0 done, 1 failed (a file that was there is kept), 2 not understood.`;

const flags = {
  out: { type: 'string' },
  host: { type: 'string' },
  'project-api-key': { type: 'string' },
  'timeout-ms': { type: 'string' },
  'allow-insecure-http': { type: 'boolean' },
  check: { type: 'string' },
  'max-age-ms': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs a command line, without the program's own name. Does not reject. */
export async function run(args: readonly string[], around: Surroundings): Promise<ExitCode> {
  const line = parse(args);
  if (typeof line === 'string') return misunderstood(line, around);
  const { values, positionals } = line;
  if (values.help === true) {
    around.say(USAGE);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'snapshot') {
    return misunderstood('There is one command: snapshot.', around);
  }
  const { out, check, host, 'project-api-key': projectApiKey } = values;
  if ((out === undefined) === (check === undefined)) {
    return misunderstood('Give either --out <file> or --check <file>.', around);
  }
  const maxAgeMs = numberOf(values['max-age-ms']);
  const timeoutMs = numberOf(values['timeout-ms']);
  if (Number.isNaN(maxAgeMs) || Number.isNaN(timeoutMs)) {
    return misunderstood('--timeout-ms and --max-age-ms take milliseconds, digits only.', around);
  }
  try {
    if (check !== undefined) return await checkSnapshot({ path: check, maxAgeMs }, around);
    const allowInsecureHttp = values['allow-insecure-http'] ?? false;
    const options = { path: out ?? '', host, projectApiKey, timeoutMs, allowInsecureHttp };
    return await takeSnapshot(options, around);
  } catch (error) {
    around.complain(messageOf(error));
    return 1;
  }
}

/** @returns what is wrong, for a line that cannot be read. */
function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true });
  } catch (error) {
    // Its message names the flag; a value that was meant as one is not a secret that we know.
    const code = Object(error) as { readonly code?: string };
    return code.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION'
      ? 'There is no such flag.'
      : 'A flag has no value, or one that it cannot have.';
  }
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

function misunderstood(what: string, { complain }: Surroundings): ExitCode {
  complain(`${what}\n\n${USAGE}`);
  return 2;
}
