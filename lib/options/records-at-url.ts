/**
 * Records by a cache URL where there must be some to share: `memory:`, which shares nothing, is a
 * mistake here. Nothing is opened yet; what is wrong goes into the report, without the URL.
 */
import { mistakeInScheme } from './cache-scheme.js';
import { CACHE_URL_SCHEMES, readCacheUrl } from '../caches/url/cache-url.js';
import type { RecordBackend } from '../core/cache/record-backend.js';
import { messageOf } from '../core/errors/message-of.js';
import type { OptionReport } from './option-report.js';

const NOT_SHARED =
  'memory: is shared with nobody. Leave the provider out, or name a cache that others reach, such as redis://host:6379.';

/** Stands in until the report is thrown. */
export const missingRecords: RecordBackend = {
  open: () => Promise.reject(new Error('There are no records.')),
};

/** @param name of the option, for the report. */
export function recordsAtUrl(url: string, report: OptionReport, name: string): RecordBackend {
  try {
    const mistake = mistakeInSharedScheme(url);
    const read = mistake === undefined ? readCacheUrl(url) : undefined;
    if (read?.kind === 'shared') return read;
    report.mistake(name, mistake ?? NOT_SHARED);
  } catch (error) {
    report.mistake(name, messageOf(error));
  }
  return missingRecords;
}

function mistakeInSharedScheme(url: string): string | undefined {
  if (/^memory:/i.test(url)) return NOT_SHARED;
  const schemes = CACHE_URL_SCHEMES.filter((scheme) => scheme !== 'memory:');
  return mistakeInScheme(url, { schemes, otherwise: 'records' });
}
