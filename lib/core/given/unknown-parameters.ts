/**
 * Names the parameters of a URL that do not exist, for an error. Of a password that is not
 * percent-encoded, what follows its first `?` or `&` is read as names of parameters, and its `@`
 * is found behind the host: nothing is repeated then, nor where the query itself holds a password.
 */

/** Undefined where all of them are known. */
export function unknownParameters(url: URL, known: readonly string[]): string | undefined {
  const { searchParams, search, hash } = url;
  const unknown = [...searchParams.keys()].filter((name) => !known.includes(name));
  if (unknown.length === 0) return undefined;
  const mayBeSecret = searchParams.has('password') || `${search}${hash}`.includes('@');
  return mayBeSecret
    ? 'its name is not repeated here, for it may be of a password, which must be percent-encoded'
    : unknown.join(', ');
}
