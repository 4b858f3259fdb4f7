/**
 * What of an error may be repeated: the innermost one's message and code, shortened and without
 * keys. Errors of fetch hold the address that was asked, and with it the project's key.
 */
import { withoutKeys } from './posthog-keys.js';

const LONGEST_REASON = 200;

interface ErrorFacts {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** The innermost error with nothing but its code and its message, without keys. */
export function safeCause(error: unknown, keys: readonly string[]): Error {
  let inner = factsOf(error);
  for (let depth = 0; depth < 5 && typeof inner.cause === 'object'; depth += 1) {
    inner = factsOf(inner.cause);
  }
  const code = typeof inner.code === 'string' ? inner.code : '';
  const message = typeof inner.message === 'string' ? inner.message : '';
  const reason = message === '' || message.includes(code) ? message : `${message} (${code})`;
  const text = withoutKeys(reason || code || 'unknown reason', keys).slice(0, LONGEST_REASON);
  return Object.assign(new Error(text), code !== '' && { code });
}

// Not `instanceof Error`: an error may come from another realm, e.g. that of a test runner.
function factsOf(error: unknown): ErrorFacts {
  return typeof error === 'object' && error !== null ? error : { message: error };
}
