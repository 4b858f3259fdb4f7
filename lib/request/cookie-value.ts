/** Finds one cookie in the header `cookie`: the first of its name, without quotation marks. */

/** Undefined where it is not there, or empty. */
export function cookieValue(cookies: string, name: string): string | undefined {
  for (const cookie of cookies.split(';')) {
    const at = cookie.indexOf('=');
    if (at === -1 || cookie.slice(0, at).trim() !== name) continue;
    const value = cookie.slice(at + 1).trim();
    const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
    return (isQuoted ? value.slice(1, -1) : value) || undefined;
  }
  return undefined;
}
