/** The command `override`: signs overrides and prints them alone, so that a script can take them. */
import { isFlagsError } from '../core/errors/flags-error.js';
import type { FlagOverrides } from '../core/overrides/flag-overrides.js';
import { signOverrides } from '../core/overrides/sign-overrides.js';
import { DEFAULT_LIFETIME_MS } from '../core/overrides/signed-overrides.js';
import { systemClock } from '../core/time/clock.js';
import { misunderstood, parseLine } from './parse-line.js';
import type { Ended, Surroundings } from './surroundings.js';

const flags = {
  flag: { type: 'string', multiple: true },
  for: { type: 'string' },
  'distinct-id': { type: 'string' },
  audience: { type: 'string' },
} as const;

const unitMs = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

const LONG_LIVED =
  'That is longer than the 7 days that apps allow by default: only an app with a higher overrides.maxLifetimeMs heeds it.';

const KEY_NAME = 'FEATURE_FLAGS_OVERRIDE_KEY';

export async function overrideCommand(
  args: readonly string[],
  { env, say, complain }: Surroundings,
): Promise<Ended> {
  const values = parseLine(args, flags);
  if ('misunderstood' in values) return values;
  const overrides = overridesOf(values.flag ?? []);
  if (overrides === undefined) {
    return misunderstood('Give --flag <key>=<value> at least once, and each key once.');
  }
  const expiresInMs = durationOf(values.for ?? '');
  if (expiresInMs === undefined) {
    return misunderstood('--for takes a time: digits and s, m, h or d, for example 2h.');
  }
  const until = new Date(systemClock.now() + expiresInMs);
  const { 'distinct-id': distinctId, audience } = values;
  const whom = {
    ...(distinctId === undefined ? {} : { distinctId }),
    ...(audience === undefined ? {} : { audience }),
  };
  try {
    say(signOverrides({ flags: overrides, expiresInMs, key: env[KEY_NAME] ?? '', ...whom }));
  } catch (error) {
    if (!isFlagsError(error)) throw error;
    complain(`${error.message}\nThe key comes from ${KEY_NAME}.`);
    return 1;
  }
  complain(`It overrides ${Object.keys(overrides).join(', ')} until ${until.toISOString()}. Whoever has it can use it.`); // prettier-ignore
  if (expiresInMs > DEFAULT_LIFETIME_MS) complain(LONG_LIVED);
  return 0;
}

function overridesOf(written: readonly string[]): FlagOverrides | undefined {
  const pairs = written.map((text): [string, boolean | string] => {
    const at = text.indexOf('=');
    return at === -1 ? [text, true] : [text.slice(0, at), valueOf(text.slice(at + 1))];
  });
  const keys = new Set(pairs.map(([key]) => key));
  return pairs.length === 0 || keys.size < pairs.length ? undefined : Object.fromEntries(pairs);
}

function valueOf(text: string): boolean | string {
  return text === 'true' || (text === 'false' ? false : text);
}

function durationOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = unit === undefined ? undefined : unitMs.get(unit);
  return ms === undefined ? undefined : Number(digits) * ms;
}
