/**
 * Why PostHog did not take a batch: what failed, on which host, why probably, and what to do. No
 * key, nothing of an event, and nothing of the answer's body is repeated.
 */
import { FlagsError } from '../../core/errors/flags-error.js';
import { codeOfGivenFetch, safeCause } from '../safe-cause.js';

/** How one try ended badly. */
export interface FailedTry {
  readonly error: FlagsError;
  /** Another try may mend it. */
  readonly isPassing: boolean;
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

export function failedByStatus(
  host: string,
  status: number,
  retryAfterMs: number | undefined,
): FailedTry {
  const message = `PostHog at ${host} did not take the exposures (HTTP ${status}). ${adviceFor(status)}`;
  const isPassing = status === 408 || status === 429 || status >= 500;
  return { error: notDelivered(message), isPassing, retryAfterMs };
}

export function failedByError(
  host: string,
  error: unknown,
  { keys, isGivenFetch }: { readonly keys: readonly string[]; readonly isGivenFetch: boolean },
): FailedTry {
  const why = isGivenFetch ? codeOfGivenFetch(error) : safeCause(error, keys).message;
  const message = `The exposures could not be sent to ${host}: ${why}. Probably the host is wrong, down or not reachable from here (DNS, proxy, firewall, certificate).`;
  return { error: notDelivered(message), isPassing: true, retryAfterMs: undefined };
}

export function tooLate(host: string, timeoutMs: number): FlagsError {
  return notDelivered(
    `PostHog at ${host} did not take the exposures within ${timeoutMs} ms. Probably the network or the server is slow. Check that, or raise timeoutMs of PostHogExposureSender.`,
  );
}

export function calledOff(host: string): FlagsError {
  const message = `Sending exposures to ${host} was called off: shutting down.`;
  return new FlagsError(message, { code: 'closed' });
}

function adviceFor(status: number): string {
  if (status === 413) return 'The batch is too large for it. Lower exposures.batchSize.';
  if (status === 429) return 'It was sent too much at once.';
  if (status >= 500) {
    return 'Probably it is a passing trouble there; see https://status.posthog.com if it lasts.';
  }
  if (status === 401 || status === 403) {
    return 'Probably projectApiKey is mistyped or of another region (us, eu) than the host.';
  }
  return 'Probably something else than PostHog answers there, such as a proxy or a sign-in page. Check the option host.';
}

function notDelivered(message: string): FlagsError {
  return new FlagsError(message, { code: 'not-delivered' });
}
