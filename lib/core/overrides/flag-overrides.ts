/**
 * Overrides as an app writes them, checked and copied: which flags have which value, whatever their
 * definitions say. The same is read from a signed override, so nothing here trusts its types.
 */
import { describeType, isRecord } from '../definitions/json-shape.js';
import { FlagsError } from '../errors/flags-error.js';
import type { FlagValue } from '../evaluation/flag-evaluation.js';
import { parsePayload } from '../evaluation/payload.js';

/**
 * What a flag is overridden with: a value, with the payload that its definition has for that value;
 * a value with a payload of its own, null for none; or undefined, as if there were no such flag.
 * @publicApi
 */
export type FlagOverride =
  FlagValue | { readonly value: FlagValue; readonly payload?: unknown } | undefined;

/** By flag key. The flags need not exist. @publicApi */
export type FlagOverrides = Readonly<Record<string, FlagOverride>>;

export interface ReadOverride {
  /** Undefined: as if there were no such flag. */
  readonly value: FlagValue | undefined;
  /** Undefined: what the definition has for the value. */
  readonly payload: { readonly own: unknown } | undefined;
}

/** A map, so that a flag may be called `__proto__`. */
export type OverrideSet = ReadonlyMap<string, ReadOverride>;

const away: ReadOverride = { value: undefined, payload: undefined };

/** What is written, and one sentence for each thing that is wrong; no value is in them. */
export function readOverrides(written: unknown): {
  readonly overrides: OverrideSet;
  readonly mistakes: readonly string[];
} {
  const overrides = new Map<string, ReadOverride>();
  if (!isRecord(written)) {
    const got = describeType(written);
    return { overrides, mistakes: [`got ${got}, expected an object: { 'flag-key': true }.`] };
  }
  const mistakes: string[] = [];
  for (const [key, value] of Object.entries(written)) {
    const read = key === '' ? 'the key of a flag must not be empty.' : readOverride(value);
    if (typeof read === 'string') mistakes.push(`${key === '' ? "''" : key}: ${read}`);
    else overrides.set(key, read);
  }
  return { overrides, mistakes };
}

/** @throws FlagsError `invalid-argument` that lists all mistakes, if there are any. */
export function throwMistakes(subject: string, mistakes: readonly string[]): void {
  if (mistakes.length === 0) return;
  const list = mistakes.map((mistake, index) => `\n  ${index + 1}. ${mistake}`).join('');
  const count = mistakes.length === 1 ? 'one thing is' : `${mistakes.length} things are`;
  throw new FlagsError(`${subject}: ${count} wrong.${list}`, { code: 'invalid-argument' });
}

/** @returns what is wrong with it, for one that cannot be used. */
function readOverride(written: unknown): ReadOverride | string {
  if (written === undefined) return away;
  if (isFlagValue(written)) return { value: written, payload: undefined };
  if (!isRecord(written) || !('value' in written)) {
    const got = written === '' ? 'an empty text' : describeType(written);
    return `got ${got}, expected true, false, the key of a variant, { value, payload }, or undefined for a flag that does not exist.`;
  }
  const { value, payload, ...rest } = written;
  const unknown = Object.keys(rest);
  if (unknown.length > 0) {
    return `there is no ${unknown.join(', ')} in an override; there are value and payload.`;
  }
  if (!isFlagValue(value)) {
    const got = value === '' ? 'an empty text' : describeType(value);
    return `got ${got} as its value, expected true, false or the key of a variant.`;
  }
  if (payload === undefined) return { value, payload: undefined };
  const copy = copyOf(payload);
  return copy === undefined
    ? 'its payload cannot be written as JSON, and payloads are JSON.'
    : { value, payload: copy };
}

function isFlagValue(value: unknown): value is FlagValue {
  return typeof value === 'boolean' || (typeof value === 'string' && value !== '');
}

/** A payload as PostHog would have kept it: JSON, frozen, and nobody else's. */
function copyOf(payload: unknown): ReadOverride['payload'] {
  try {
    const json = JSON.stringify(payload) as string | undefined;
    return json === undefined ? undefined : { own: parsePayload(json) };
  } catch {
    return undefined;
  }
}
