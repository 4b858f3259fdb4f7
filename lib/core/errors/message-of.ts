/**
 * What an error says, whatever was thrown: also a value that cannot be made a text. Errors of
 * others may quote what they were given, so what looks like a password or a key is left out.
 */
export function messageOf(error: unknown): string {
  try {
    return withoutSecrets(error instanceof Error ? error.message : String(error));
  } catch {
    return 'something that cannot be printed was thrown';
  }
}

/** Who logs in by URL, tokens of a header, and PostHog's keys. */
function withoutSecrets(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, '$1[hidden]@')
    .replace(/(bearer\s+)[^\s"']+/gi, '$1[hidden]')
    .replace(/\bph[a-z]_[\w-]{8,}/g, '[hidden]');
}
