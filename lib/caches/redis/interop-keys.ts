/**
 * The names that the examples in PostHog's documentation give to the shared definitions and to
 * the lock beside them, and two of our own next to them. Head and channel have the whole name of
 * the definitions as their hash tag, so in a cluster a script may touch both; the lock, whose
 * name is not ours to choose, may lie elsewhere, and is in no script with another key.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

export interface InteropKeys {
  /** String: the definitions as plain JSON, as PostHog's SDKs read and write them. */
  readonly copy: string;
  /** String: the owner's id, while the lease lasts. */
  readonly lock: string;
  /** Hash: what is known of the copy besides its content. */
  readonly head: string;
  /** Channel on which a new revision is announced. */
  readonly channel: string;
}

/** @throws FlagsError `invalid-options` for a service that cannot be part of these names. */
export function interopKeys(service: string): InteropKeys {
  if (!/^[^{}\s\p{Cc}]{1,200}$/u.test(service)) {
    throw new FlagsError(
      'The service of a cache that PostHog SDKs share must have 1 to 200 characters, without braces, blanks and control characters.',
      { code: 'invalid-options' },
    );
  }
  const copy = `posthog:flags:${service}`;
  return {
    copy,
    lock: `${copy}:lock`,
    head: `{${copy}}:head`,
    channel: `{${copy}}:changed`,
  };
}
