/** Words that nobody may ever print, and who has. */
import { planted } from '../support/planted.js';

export const secrets = {
  password: planted.password,
  secretKey: planted.secretKey,
} as const;

/** Those of the texts that hold one, plain or as it stands in a URL. */
export function withSecrets(texts: readonly string[]): string[] {
  const words = Object.values(secrets).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return texts.filter((text) => words.some((word) => text.includes(word)));
}
