/**
 * Records, who fetches, and codecs, as an app composes them: for the option `cache`, and for a
 * posthog-node client. They are read and checked before anything is opened; what is wrong goes into the report.
 */
import { mistakesInCodecs } from './codec-report.js';
import type {
  ReadCacheOptions,
  SharedDefinitionCacheOptions,
} from '../core/cache/create-shared-definition-cache.js';
import { isRecordBackend } from '../core/cache/record-backend.js';
import { hasMethod, propertyOf } from '../core/given/given-value.js';
import { describe, type OptionReport } from './option-report.js';
import { recordsAtUrl } from './records-at-url.js';

const partNames = [
  'records',
  'coordination',
  'codecs',
  'maxBodyBytes',
] as const satisfies readonly (keyof SharedDefinitionCacheOptions)[];

const storeMethods = ['readHead', 'readBody', 'publish', 'confirm', 'close'];

/** Whether somebody has meant records: a backend, or parts with one or with a store. */
export function isMeantAsParts(value: unknown): boolean {
  return isRecordBackend(value) || propertyOf(value, 'records') !== undefined;
}

/** @returns undefined for records that are none; other mistakes are in the report alone. */
export function readCacheParts(value: unknown, report: OptionReport): ReadCacheOptions | undefined {
  const given = isRecordBackend(value) ? { records: value } : value;
  const written = report.record('cache', given, partNames) as Partial<SharedDefinitionCacheOptions>;
  const { records: named, coordination, codecs, maxBodyBytes } = written;
  const records = typeof named === 'string' ? recordsAtUrl(named, report, 'cache.records') : named;
  const isBackend = isRecordBackend(records);
  if (!isBackend && !storeMethods.every((name) => hasMethod(records, name))) {
    report.mistake(
      'cache.records',
      `got ${describe(records)}, expected a store of records, a URL such as redis://host:6379/0?key=shop, or for example redisCache(client).`,
    );
    return undefined;
  }
  for (const mistake of (isBackend && records.mistakes) || []) report.mistake('cache', mistake);
  if (coordination !== undefined && typeof coordination !== 'function') {
    report.mistake(
      'cache.coordination',
      `got ${describe(coordination)}, expected for example claimed() or leased().`,
    );
  }
  const range = { min: 1, max: 1_073_741_824, fallback: 33_554_432 };
  report.number('cache.maxBodyBytes', maxBodyBytes, range, 'a number of bytes');
  for (const mistake of mistakesInCodecs(codecs)) report.mistake('cache.codecs', mistake);
  return { ...written, records: records as ReadCacheOptions['records'] };
}
