/** The command `snapshot`: takes one, or looks at one. */
import { checkSnapshot } from './check-snapshot.js';
import { misunderstood, parseLine } from './parse-line.js';
import type { Ended, Surroundings } from './surroundings.js';
import { takeSnapshot } from './take-snapshot.js';

const flags = {
  out: { type: 'string' },
  host: { type: 'string' },
  'project-api-key': { type: 'string' },
  'timeout-ms': { type: 'string' },
  'allow-insecure-http': { type: 'boolean' },
  check: { type: 'string' },
  'max-age-ms': { type: 'string' },
} as const;

export async function snapshotCommand(
  args: readonly string[],
  around: Surroundings,
): Promise<Ended> {
  const values = parseLine(args, flags);
  if ('misunderstood' in values) return values;
  const { out, check, host, 'project-api-key': projectApiKey } = values;
  if ((out === undefined) === (check === undefined)) {
    return misunderstood('Give either --out <file> or --check <file>.');
  }
  const maxAgeMs = numberOf(values['max-age-ms']);
  const timeoutMs = numberOf(values['timeout-ms']);
  if (Number.isNaN(maxAgeMs) || Number.isNaN(timeoutMs)) {
    return misunderstood('--timeout-ms and --max-age-ms take milliseconds, digits only.');
  }
  if (check !== undefined)
    return checkSnapshot({ path: check, maxAgeMs, host, projectApiKey }, around);
  const allowInsecureHttp = values['allow-insecure-http'] ?? false;
  const options = { path: out ?? '', host, projectApiKey, timeoutMs, allowInsecureHttp };
  return takeSnapshot(options, around);
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}
