/**
 * The option `overrides`: whose signature lets a request override flags for itself, and which. Off
 * unless it is written, and then for the named flags only: whoever may override a flag passes the
 * guards that ask for it.
 */
import {
  DEFAULT_LIFETIME_MS,
  LONGEST_LIFETIME_MS,
  signingKey,
  type SignedOverridesRules,
  type SignedOverridesSettings,
} from '../core/overrides/signed-overrides.js';
import { mistakeInSecret, type Secret } from '../core/secrets/secret.js';
import { describe, type OptionReport, type Written } from './option-report.js';

/** @publicApi */
export interface SignedOverridesOptions {
  /**
   * The secrets that signatures are made with, 32 bytes or more each, e.g. of
   * `openssl rand -base64 32`. All of them count: to change one, add the new one, sign with it, and
   * take the old one away when what it has signed has expired.
   */
  readonly keys: readonly (string | Uint8Array)[];
  /** The flags that may be overridden so; `'*'` stands for all, guards included. */
  readonly flags: readonly string[] | '*';
  /** The header that is read; false for none. @default 'x-feature-flags-override' */
  readonly header?: string | false;
  /** The cookie that is read where there is no such header. @default none */
  readonly cookie?: string;
  /** Which of several apps with the same key is meant: only what is signed for it counts. @default none */
  readonly audience?: string;
  /**
   * For how long one may be signed, in milliseconds, 60,000 to 2,592,000,000 (30 days).
   * @default 604_800_000, 7 days
   */
  readonly maxLifetimeMs?: number;
}

const names = [
  'keys',
  'flags',
  'header',
  'cookie',
  'audience',
  'maxLifetimeMs',
] as const satisfies readonly (keyof SignedOverridesOptions)[];

const DEFAULT_HEADER = 'x-feature-flags-override';
const lifetimes = { min: 60_000, max: LONGEST_LIFETIME_MS, fallback: DEFAULT_LIFETIME_MS };
/** What HTTP allows as the name of a header, and of a cookie. */
const namePattern = /^[\w!#$%&'*+.^`|~-]+$/;

export function signedOverridesOf(
  value: unknown,
  report: OptionReport,
): SignedOverridesSettings | undefined {
  if (value === undefined || value === false) return undefined;
  const written = report.record('overrides', value, names);
  const { header = DEFAULT_HEADER, cookie } = written;
  if (header === false && cookie === undefined) {
    report.mistake('overrides', 'header is false and there is no cookie, so nothing is read.');
  }
  const rules = {
    keys: keysOf(written, report),
    flags: flagsOf(written['flags'], report),
    audience: nameOf('audience', written['audience'], report, /./),
    maxLifetimeMs: report.durationMs(
      'overrides.maxLifetimeMs',
      written['maxLifetimeMs'],
      lifetimes,
    ),
  };
  const readHeader = header === false ? undefined : nameOf('header', header, report);
  return {
    rules,
    header: readHeader?.toLowerCase(),
    cookie: nameOf('cookie', cookie, report),
  };
}

function keysOf({ keys }: Written, report: OptionReport): readonly Buffer[] {
  if (!Array.isArray(keys) || keys.length === 0) {
    report.mistake(
      'overrides.keys',
      `got ${describe(keys)}, expected a list of secrets, 32 bytes or more each. Make one with: openssl rand -base64 32`,
    );
    return [];
  }
  return (keys as readonly unknown[]).flatMap((key, index) => {
    const mistake = mistakeInSecret(key);
    if (mistake === undefined) return [signingKey(key as Secret)];
    report.mistake(`overrides.keys[${index}]`, mistake);
    return [];
  });
}

function flagsOf(flags: unknown, report: OptionReport): SignedOverridesRules['flags'] {
  if (flags === '*') return '*';
  const isList = Array.isArray(flags) && flags.length > 0;
  if (isList && flags.every((flag) => typeof flag === 'string' && flag !== '')) {
    return new Set(flags as readonly string[]);
  }
  const got = isList ? 'a list in which something is no key' : describe(flags);
  report.mistake(
    'overrides.flags',
    `got ${got}, expected the keys of the flags that may be overridden by who has a signature, or '*' for all of them.`,
  );
  return new Set();
}

function nameOf(
  option: 'header' | 'cookie' | 'audience',
  value: unknown,
  report: OptionReport,
  pattern = namePattern,
): string | undefined {
  if (value === undefined || (typeof value === 'string' && pattern.test(value))) return value;
  const what = option === 'audience' ? 'a text that is not empty' : `the name of a ${option}`;
  report.mistake(`overrides.${option}`, `got ${describe(value)}, expected ${what}.`);
  return undefined;
}
