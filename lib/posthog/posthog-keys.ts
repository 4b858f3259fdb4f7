/**
 * PostHog's keys, and how not to mix them up. The project API key (`phc_…`) is public and
 * travels in the URL; the secret key (`phs_…` of the project, or `phx_…` of a person) travels in
 * a header. What is said here of a key never holds the key.
 */

/** What is wrong with a project API key, to follow its name; undefined when nothing is. */
export function mistakeInProjectApiKey(given: unknown): string | undefined {
  if (!isFilled(given))
    return `${absence(given)} Give the project API key ("phc_…") of your PostHog project.`;
  if (/^ph[xs]_/.test(given.trim())) {
    return 'holds a secret key, and would be sent in the URL. Give the project API key ("phc_…") here and the secret one as secretKey.';
  }
  return hasOnlyKeyCharacters(given) ? undefined : strangeCharacters;
}

/** What is wrong with a secret key, to follow its name; undefined when nothing is. */
export function mistakeInSecretKey(given: unknown): string | undefined {
  if (!isFilled(given)) {
    return `${absence(given)} Give a project secret key ("phs_…", in PostHog under Settings > Feature flags) or a personal API key ("phx_…").`;
  }
  if (given.includes('phc_')) {
    return 'holds a public project API key ("phc_…"), which cannot read definitions. Give a project secret key ("phs_…") or a personal API key ("phx_…").';
  }
  return hasOnlyKeyCharacters(given) ? undefined : strangeCharacters;
}

/** Replaces the given keys, and whatever else looks like a key of PostHog, in a text. */
export function withoutKeys(text: string, keys: readonly string[]): string {
  const spellings = keys.flatMap((key) => [key, encodeURIComponent(key)]);
  const known = spellings
    .filter((key) => key !== '')
    .reduce((safe, key) => safe.replaceAll(key, '[key]'), text);
  return known.replace(/ph[a-z]_[\w-]+/g, '[key]').replace(/(bearer\s+)[^\s"']+/gi, '$1[key]');
}

const strangeCharacters =
  'holds spaces, line breaks or characters that no key has. Copy it again, without quotes.';

// A header that holds other characters is refused by fetch, in an error that prints the header.
function hasOnlyKeyCharacters(key: string): boolean {
  return /^[\x21-\x7e]+$/.test(key.trim());
}

function isFilled(given: unknown): given is string {
  return typeof given === 'string' && given.trim() !== '';
}

function absence(given: unknown): string {
  if (given === undefined || given === null) return 'is missing.';
  return typeof given === 'string' ? 'is blank.' : `must be a string, got a ${typeof given}.`;
}
