/**
 * The definitions as plain JSON that PostHog's SDKs read, with one field more, at the beginning:
 * our mark. By it one look at the first bytes tells whether what lies there is still what the
 * head speaks of. An SDK ignores the field when it reads, and does not have it when it writes.
 */
import { digestOf } from '../../core/definitions/digest.js';
import type { FlagDefinitionCacheData } from '../../core/definitions/flag-definitions.js';
import { parseDefinitions } from '../../core/definitions/parse-definitions.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { RecordBody } from '../../core/cache/definition-record.js';

export const MARK_FIELD = 'nestjs_feature_flags';

/** Definitions that somebody else wrote, as we would have written them. */
export interface ForeignCopy {
  readonly digest: string;
  readonly body: string;
}

/** What follows the mark: the body without its opening brace. */
export function withoutBrace(body: RecordBody): string {
  if (typeof body === 'string' && body.startsWith('{"')) return body.slice(1);
  throw new FlagsError(
    'Definitions that PostHog SDKs share must be plain JSON: leave out the codecs that compress or seal them, or leave out interop.',
    { code: 'invalid-options' },
  );
}

/** The body again, from a text with our mark; undefined when it has none. */
export function withoutMark(text: string): string | undefined {
  if (!text.startsWith(`{"${MARK_FIELD}":{`)) return undefined;
  const end = text.indexOf('},');
  return end < 0 ? undefined : `{${text.slice(end + 2)}`;
}

/**
 * Reads what somebody else wrote, in whichever spelling, and gives it both.
 * @returns undefined for what is no definitions document.
 */
export function readForeignCopy(text: string): ForeignCopy | undefined {
  const parsed = parseDefinitions(jsonOrUndefined(text));
  if (!parsed.ok) return undefined;
  // One that passes on what it does not know has passed on our mark, too.
  const fields = Object.entries(parsed.definitions).filter(([name]) => name !== MARK_FIELD);
  const definitions = Object.fromEntries(fields) as unknown as FlagDefinitionCacheData;
  return { digest: digestOf(definitions), body: JSON.stringify(definitions) };
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
