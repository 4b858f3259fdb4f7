/**
 * The options `remote` and `fallbackCache`, read: who is asked for what cannot be decided here, and
 * where the last known answers are kept. Nothing is opened before all options are right.
 */
import {
  FALLBACK_URL_SCHEMES,
  defaultFallback,
  readFallbackUrl,
} from '../caches/url/fallback-url.js';
import type { FallbackPlan } from '../caches/url/fallback-url.js';
import { mistakeInScheme } from './cache-scheme.js';
import { hasMethod, isObject } from '../core/given/given-value.js';
import { messageOf } from '../core/errors/message-of.js';
import type { FallbackCache } from '../core/remote/fallback-cache.js';
import type { RemoteEvaluator } from '../core/remote/remote-evaluator.js';
import { describe, type OptionReport, type Written } from './option-report.js';
import { DAY_MS } from './refresh-interval.js';

/** What may stand as `fallbackCache`. @publicApi */
export type FallbackCacheOption = string | FallbackCache | FallbackCacheSettings;

/** A cache of your own, and how it is used; in a URL the same is said in seconds. @publicApi */
export interface FallbackCacheSettings {
  readonly cache: FallbackCache;
  /** How long an answer is fresh, in milliseconds, 1 or more. @default 300_000 */
  readonly ttlMs?: number;
  /**
   * How old an answer may be that is served because the remote evaluator failed, in milliseconds;
   * `ttlMs` or more.
   * @default 3_600_000, or `ttlMs` if that is more
   */
  readonly staleTtlMs?: number;
  /** A fresh answer saves the question. @default false */
  readonly serveFresh?: boolean;
}

const settingNames = ['cache', 'ttlMs', 'staleTtlMs', 'serveFresh'] as const satisfies readonly (keyof FallbackCacheSettings)[]; // prettier-ignore
const methods = ['read', 'write', 'clear'];
const LONGEST_MS = 30 * DAY_MS;

export function readRemote(value: unknown, report: OptionReport): RemoteEvaluator | undefined {
  if (value === undefined || value === false) return undefined;
  if (hasMethod(value, 'evaluate') && 'description' in value) return value as RemoteEvaluator;
  report.mistake(
    'remote',
    `got ${describe(value)}, expected false or an evaluator, for example new PostHogRemoteEvaluator({ host, projectApiKey }).`,
  );
  return undefined;
}

export function readFallbackCache(value: unknown, report: OptionReport): FallbackPlan | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return readUrl(value, report);
  if (isCache(value)) return planFor(value, {}, report);
  if (isObject(value) && 'cache' in value && isCache(value.cache)) {
    return planFor(value.cache, report.record('fallbackCache', value, settingNames), report);
  }
  report.mistake(
    'fallbackCache',
    `got ${describe(value)}, expected a URL such as memory://local/?ttl=300, an object with the methods read, write and clear, or { cache, ttlMs, staleTtlMs, serveFresh } with such an object.`,
  );
  return undefined;
}

function isCache(value: unknown): value is FallbackCache {
  return methods.every((name) => hasMethod(value, name));
}

function readUrl(url: string, report: OptionReport): FallbackPlan | undefined {
  const otherwise = 'an object with the methods read, write and clear';
  const mistake = mistakeInScheme(url, { schemes: FALLBACK_URL_SCHEMES, otherwise });
  if (mistake !== undefined) {
    report.mistake('fallbackCache', mistake);
    return undefined;
  }
  try {
    return readFallbackUrl(url);
  } catch (error) {
    report.mistake('fallbackCache', messageOf(error));
    return undefined;
  }
}

function planFor(given: FallbackCache, settings: Written, report: OptionReport): FallbackPlan {
  const { ttlSeconds, staleTtlSeconds } = defaultFallback;
  const name = 'fallbackCache';
  const ttl = { min: 1, max: LONGEST_MS, fallback: ttlSeconds * 1_000 };
  const ttlMs = report.durationMs(`${name}.ttlMs`, settings['ttlMs'], ttl);
  const staleTtl = { min: ttlMs, max: LONGEST_MS, fallback: Math.max(ttlMs, staleTtlSeconds * 1_000) }; // prettier-ignore
  const staleTtlMs = report.durationMs(`${name}.staleTtlMs`, settings['staleTtlMs'], staleTtl);
  const serveFresh = report.boolean(`${name}.serveFresh`, settings['serveFresh'], false);
  return { settings: { ttlMs, staleTtlMs, serveFresh }, open: () => given };
}
