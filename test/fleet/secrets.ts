/** Words that nobody may ever print, and who has. */
export const secrets = {
  password: 'canary-of-redis-7Q',
  secretKey: 'phs_canary-of-the-source-9X',
} as const;

/** Those of the texts that hold one, plain or as it stands in a URL. */
export function withSecrets(texts: readonly string[]): string[] {
  const words = Object.values(secrets).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return texts.filter((text) => words.some((word) => text.includes(word)));
}
