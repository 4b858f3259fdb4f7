/** The regex engine of the platform, asked without exceptions. */

/** Undefined when the pattern is invalid. */
export function nativeRegex(pattern: string, flags?: 'u'): RegExp | undefined {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return undefined;
  }
}

/** True for a character class that is valid in the strict syntax, too, as other dialects demand. */
export function isStrictClass(characterClass: string): boolean {
  return nativeRegex(characterClass, 'u') !== undefined;
}
