/**
 * Overrides that a request may carry: `v1.<content>.<signature>`, both in base64url, the signature an
 * HMAC-SHA-256 of all that stands before it. Nothing of the content is read before the signature
 * is known to be right, and a content that is not understood to the last field is refused.
 *
 * What it does not promise: secrecy. Whoever sees one can read it, and use it until it expires.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isRecord, type JsonRecord } from '../definitions/json-shape.js';
import { jsonObjectIn } from '../given/json-text.js';
import { deriveKey, type Secret } from '../secrets/secret.js';
import { readOverrides, type OverrideSet } from './flag-overrides.js';

/** Servers and proxies refuse headers that are not much longer. */
export const MOST_SIGNED_BYTES = 4_096;
/** The longest that an app can allow. */
export const LONGEST_LIFETIME_MS = 30 * 86_400_000;
/** What an app allows that says nothing of it (`overrides.maxLifetimeMs`). */
export const DEFAULT_LIFETIME_MS = 7 * 86_400_000;
/** How far the clock of who signs may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;
const FORMAT = /^(v1\.[\w-]+)\.([\w-]{43})$/;

export interface SignedContent {
  /** Null: as if there were no such flag. */
  readonly flags: JsonRecord;
  /** Milliseconds since 1970, as all instants here. */
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly audience?: string;
  readonly distinctId?: string;
}

/** Why a signed override is not heeded. */
export type OverrideRefusal =
  | 'too-large'
  | 'malformed'
  | 'wrong-signature'
  | 'expired'
  | 'not-yet'
  | 'lives-too-long'
  | 'other-audience'
  | 'flag-not-allowed';

export interface SignedOverridesRules {
  /** Derived ones, see {@link signingKey}. */
  readonly keys: readonly Buffer[];
  readonly flags: ReadonlySet<string> | '*';
  readonly maxLifetimeMs: number;
  readonly audience: string | undefined;
}

/** Where a request may carry them, and what is heeded. */
export interface SignedOverridesSettings {
  readonly rules: SignedOverridesRules;
  readonly header: string | undefined;
  readonly cookie: string | undefined;
}

export type OpenedOverrides =
  | {
      readonly kind: 'accepted';
      readonly overrides: OverrideSet;
      readonly expiresAt: number;
      readonly distinctId: string | undefined;
      /** Which of the keys has signed it. */
      readonly keyIndex: number;
    }
  | { readonly kind: 'refused'; readonly why: OverrideRefusal };

export function signingKey(secret: Secret): Buffer {
  return deriveKey(secret, 'override signature 1');
}

export function signContent(content: SignedContent, key: Buffer): string {
  const signed = `v1.${Buffer.from(JSON.stringify(content)).toString('base64url')}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

/** Does not throw, whatever the text is. */
export function openSignedOverrides(
  text: string,
  rules: SignedOverridesRules,
  now: number,
): OpenedOverrides {
  if (text.length > MOST_SIGNED_BYTES) return refused('too-large');
  const [, signed, signature] = FORMAT.exec(text) ?? [];
  if (signed === undefined || signature === undefined) return refused('malformed');
  const keyIndex = rules.keys.findIndex((key) => isSame(signature, signatureOf(signed, key)));
  if (keyIndex === -1) return refused('wrong-signature');
  const content = contentOf(signed);
  if (content === undefined) return refused('malformed');
  const why = mistimed(content, rules, now);
  if (why !== undefined) return refused(why);
  if (content.audience !== rules.audience) return refused('other-audience');
  const flags = Object.entries(content.flags).map(([key, value]) => [key, value ?? undefined]);
  const { overrides, mistakes } = readOverrides(Object.fromEntries(flags));
  if (mistakes.length > 0 || overrides.size === 0) return refused('malformed');
  if (!areAllowed(overrides, rules.flags)) return refused('flag-not-allowed');
  const { expiresAt, distinctId } = content;
  return { kind: 'accepted', overrides, expiresAt, distinctId, keyIndex };
}

/** Texts are compared, not bytes: there are several texts of the same bytes. */
function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from(expected));
}

function signatureOf(signed: string, key: Buffer): string {
  return createHmac('sha256', key).update(signed).digest('base64url');
}

function contentOf(signed: string): SignedContent | undefined {
  const content = jsonObjectIn(Buffer.from(signed.slice(3), 'base64url').toString());
  if (content === undefined) return undefined;
  const { flags, issuedAt, expiresAt, audience, distinctId, ...rest } = content;
  const isUnderstood =
    isRecord(flags) &&
    Number.isSafeInteger(issuedAt) &&
    Number.isSafeInteger(expiresAt) &&
    isNameOrNothing(audience) &&
    isNameOrNothing(distinctId) &&
    // A later version may have more to restrict by.
    Object.keys(rest).length === 0;
  return isUnderstood ? (content as unknown as SignedContent) : undefined;
}

function isNameOrNothing(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && value !== '');
}

function mistimed(
  { issuedAt, expiresAt }: SignedContent,
  { maxLifetimeMs }: SignedOverridesRules,
  now: number,
): OverrideRefusal | undefined {
  if (expiresAt <= now) return 'expired';
  if (issuedAt > now + CLOCK_SKEW_MS) return 'not-yet';
  return expiresAt - issuedAt > maxLifetimeMs ? 'lives-too-long' : undefined;
}

function areAllowed(overrides: OverrideSet, allowed: SignedOverridesRules['flags']): boolean {
  return allowed === '*' || [...overrides.keys()].every((key) => allowed.has(key));
}

function refused(why: OverrideRefusal): OpenedOverrides {
  return { kind: 'refused', why };
}
