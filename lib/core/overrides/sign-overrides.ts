/** Makes signed overrides: for whoever hands them to people who try a flag out. */
import { FlagsError } from '../errors/flags-error.js';
import { mistakeInSecret } from '../secrets/secret.js';
import { systemClock } from '../time/clock.js';
import { readOverrides, throwMistakes, type FlagOverrides } from './flag-overrides.js';
import {
  LONGEST_LIFETIME_MS,
  MOST_SIGNED_BYTES,
  signContent,
  signingKey,
} from './signed-overrides.js';

/** @publicApi */
export interface SignOverridesOptions {
  /** What to override, at least one flag. */
  readonly flags: FlagOverrides;
  /**
   * For how long it holds, in milliseconds, at most 30 days, and at most what the app allows
   * (`overrides.maxLifetimeMs`, 7 days by default). Either this or `expiresAt`.
   */
  readonly expiresInMs?: number;
  /** Until when it holds: a date, or milliseconds since 1970. */
  readonly expiresAt?: number | Date;
  /** One of the app's `overrides.keys`. */
  readonly key: string | Uint8Array;
  /** The app's `overrides.audience`, if it has one. @default none */
  readonly audience?: string;
  /** Only evaluations for this person are overridden. @default all of the request */
  readonly distinctId?: string;
}

/**
 * Signs overrides for the option `overrides` of an app: a text for its header or cookie.
 * @throws FlagsError `invalid-argument` that lists all mistakes.
 * @publicApi
 */
export function signOverrides(options: SignOverridesOptions): string {
  return signOverridesAt(options, systemClock.now());
}

export function signOverridesAt(options: SignOverridesOptions, now: number): string {
  const { flags, key, audience, distinctId } = Object(options) as SignOverridesOptions;
  const expiresAt = expiryOf(Object(options) as SignOverridesOptions, now);
  throwMistakes('signOverrides', [
    ...mistakesInFlags(flags),
    ...mistakesIn('key', mistakeInSecret(key)),
    ...mistakesInExpiry(expiresAt, now),
    ...mistakesInName('audience', audience),
    ...mistakesInName('distinctId', distinctId),
  ]);
  const content = {
    flags: Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, value ?? null])),
    issuedAt: now,
    expiresAt,
    ...(audience === undefined ? {} : { audience }),
    ...(distinctId === undefined ? {} : { distinctId }),
  };
  const signed = signContent(content, signingKey(key));
  if (signed.length > MOST_SIGNED_BYTES) throw tooLarge(signed.length);
  return signed;
}

/** NaN for what is no instant. */
function expiryOf({ expiresInMs, expiresAt }: SignOverridesOptions, now: number): number {
  if ((expiresInMs === undefined) === (expiresAt === undefined)) return Number.NaN;
  if (expiresAt instanceof Date) return expiresAt.getTime();
  const at = expiresAt ?? now + (typeof expiresInMs === 'number' ? expiresInMs : Number.NaN);
  return typeof at === 'number' ? Math.round(at) : Number.NaN;
}

function mistakesInExpiry(expiresAt: number, now: number): readonly string[] {
  if (Number.isNaN(expiresAt)) {
    return [
      'expiry: give either expiresInMs, a number of milliseconds, or expiresAt, a Date or milliseconds since 1970.',
    ];
  }
  if (expiresAt <= now) return ['expiry: it would have expired already.'];
  return expiresAt - now > LONGEST_LIFETIME_MS
    ? ['expiry: it would hold for more than 30 days, which no app allows.']
    : [];
}

function mistakesInFlags(flags: unknown): readonly string[] {
  const { overrides, mistakes } = readOverrides(flags);
  const all = mistakes.map((mistake) => `flags: ${mistake}`);
  const isEmpty = overrides.size === 0 && mistakes.length === 0;
  return isEmpty ? ['flags: there must be at least one.'] : all;
}

function mistakesInName(name: string, value: unknown): readonly string[] {
  const isRight = value === undefined || (typeof value === 'string' && value !== '');
  return isRight ? [] : mistakesIn(name, 'must be a text that is not empty, or be left out.');
}

function mistakesIn(name: string, mistake: string | undefined): readonly string[] {
  return mistake === undefined ? [] : [`${name}: ${mistake}`];
}

function tooLarge(bytes: number): FlagsError {
  return new FlagsError(
    `signOverrides: the signed override has ${bytes} bytes, and ${MOST_SIGNED_BYTES} are the most that an app reads. Sign fewer flags, or smaller payloads.`,
    { code: 'invalid-argument' },
  );
}
