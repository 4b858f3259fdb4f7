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

/**
 * The same of an error of the app's own `fetch`, which may say anything, and repeat what it was to
 * send: no more than the system's code.
 */
export function codeOfGivenFetch(error: unknown): string {
  const code = systemCodeOf(safeCause(error, []));
  return `the given fetch failed${code === undefined ? '' : ` with ${code}`}`;
}

/** Undefined for what the system does not write so, and somebody else may have. */
export function systemCodeOf({ code }: Error & { readonly code?: unknown }): string | undefined {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,30}$/.test(code) ? code : undefined;
}

// Not `instanceof Error`: an error may come from another realm, e.g. that of a test runner.
function factsOf(error: unknown): ErrorFacts {
  return typeof error === 'object' && error !== null ? error : { message: error };
}
