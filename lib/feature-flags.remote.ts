/**
 * The options `remote` and `fallbackCache`, read: who is asked for what cannot be decided here, and
 * where the last known answers are kept. Nothing is opened before all options are right.
 */
import {
  FALLBACK_URL_SCHEMES,
  defaultFallback,
  readFallbackUrl,
} from './caches/url/fallback-url.js';
import type { FallbackPlan } from './caches/url/fallback-url.js';
import { mistakeInScheme } from './cache-scheme.js';
import { hasMethod } from './core/given/given-value.js';
import { messageOf } from './core/errors/message-of.js';
import type { FallbackCache } from './core/remote/fallback-cache.js';
import type { RemoteEvaluator } from './core/remote/remote-evaluator.js';
import { describe, type OptionReport } from './option-report.js';

/** What may stand as `fallbackCache`. @publicApi */
export type FallbackCacheOption = string | FallbackCache;

export function readRemote(value: unknown, report: OptionReport): RemoteEvaluator | undefined {
  if (value === undefined || value === false) return undefined;
  if (hasMethod(value, 'evaluate') && 'description' in value) return value as RemoteEvaluator;
  report.mistake(
    'remote',
    `got ${describe(value)}, expected false or an evaluator, for example new PostHogRemoteEvaluator({ projectApiKey }).`,
  );
  return undefined;
}

export function readFallbackCache(value: unknown, report: OptionReport): FallbackPlan | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return readUrl(value, report);
  if (['read', 'write', 'clear'].every((name) => hasMethod(value, name))) {
    return planFor(value as FallbackCache);
  }
  report.mistake(
    'fallbackCache',
    `got ${describe(value)}, expected a URL such as memory://local/?ttl=300, or an object with the methods read, write and clear.`,
  );
  return undefined;
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

function planFor(cache: FallbackCache): FallbackPlan {
  const { ttlSeconds, staleTtlSeconds } = defaultFallback;
  const settings = { ttlMs: ttlSeconds * 1_000, staleTtlMs: staleTtlSeconds * 1_000 };
  return { settings: { ...settings, serveFresh: false }, open: () => cache };
}
