/**
 * What is said when the definitions do not come: one sentence each on what failed, on which
 * host, why probably, and what to do. Nothing of the answer's body is repeated, and no key.
 */
import type { FetchFailure } from '../core/definitions/definition-source.js';
import { safeCause } from './safe-cause.js';

interface StatusText {
  readonly code: FetchFailure['code'];
  readonly what: string;
  readonly advice: string;
}

const textOfStatus: ReadonlyMap<number, StatusText> = new Map([
  [
    401,
    {
      code: 'unauthorized',
      what: 'refused the secret key',
      advice:
        'Probably the key is mistyped, was revoked, or belongs to another region (us, eu) than the host. ' +
        'Give as secretKey the project secret key ("phs_…", in PostHog under Settings > Feature flags) or a personal ' +
        'API key ("phx_…", under Settings > Personal API keys) that may read feature flags.',
    },
  ],
  [
    402,
    {
      code: 'quota-exceeded',
      what: 'says that the quota for feature flags is used up',
      advice:
        'Probably the billing limit of the project was reached. Raise the limit in PostHog under Billing, or poll less often.',
    },
  ],
  [
    403,
    {
      code: 'forbidden',
      what: 'does not let this secret key read the definitions of this project',
      advice:
        'Probably projectApiKey and secretKey are of two projects, or the personal API key lacks the scope for feature flags. ' +
        'Take both keys from the same project, and give the personal key the scope "Local feature flag evaluation".',
    },
  ],
  [
    404,
    {
      code: 'unexpected-status',
      what: 'has no flag definitions at this address',
      advice:
        'Probably the host is not PostHog, a reverse proxy does not pass /flags on, or the installation is too old. ' +
        'Check the option host: it is the address before /flags/definitions.',
    },
  ],
  [
    429,
    {
      code: 'rate-limited',
      what: 'says that it was asked too often',
      advice:
        'Probably many instances poll without a shared cache. Share a cache, or raise polling.intervalMs.',
    },
  ],
]);

const serverErrorText: StatusText = {
  code: 'server-error',
  what: 'failed to answer',
  advice:
    'Probably it is a passing trouble there. It is tried again; see https://status.posthog.com if it lasts.',
};

const unexpectedText: StatusText = {
  code: 'unexpected-status',
  what: 'answered in an unexpected way',
  advice:
    'Probably something else than PostHog answers there, such as a proxy or a sign-in page. Check the option host.',
};

/** A status that brings no definitions. */
export function failureOfStatus(
  host: string,
  status: number,
  retryAfterMs: number | undefined,
): FetchFailure {
  const known = textOfStatus.get(status);
  const { code, what, advice } = known ?? (status >= 500 ? serverErrorText : unexpectedText);
  return {
    code,
    status,
    message: `PostHog at ${host} ${what} (HTTP ${status}). ${advice}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** A 200 whose body is of no use; `problem` follows "with". */
export function failureOfBody(host: string, problem: string): FetchFailure {
  return {
    code: 'invalid-definitions',
    status: 200,
    message: `PostHog at ${host} answered with ${problem} instead of flag definitions. ${unexpectedText.advice}`,
  };
}

export function failureOfTimeout(host: string, timeoutMs: number): FetchFailure {
  return {
    code: 'timeout',
    message:
      `PostHog at ${host} did not deliver the flag definitions within ${timeoutMs} ms. Probably the network or the ` +
      'server is slow, or the host is not reachable from here. Check that, or raise requestTimeoutMs.',
  };
}

export function failureOfAbort(host: string): FetchFailure {
  return {
    code: 'network',
    message: `The request for flag definitions to ${host} was called off, probably since the app shuts down. Nothing is to be done.`,
  };
}

/** A connection that could not be made, broke, or was redirected. */
export function failureOfError(
  host: string,
  error: unknown,
  keys: readonly string[],
): FetchFailure {
  const cause = safeCause(error, keys);
  return {
    code: 'network',
    message:
      `The flag definitions could not be fetched from ${host}: ${cause.message}. Probably the host is wrong, down or not ` +
      'reachable from here (DNS, proxy, firewall, certificate). Check the option host and what this instance may connect to.',
    cause,
  };
}

/** A function given as secretKey that failed, or gave what is no key. */
export function failureOfSecretKey(host: string, mistake: string | undefined): FetchFailure {
  const problem =
    mistake ??
    'failed. Look there for the reason; its error is not repeated here, as it may hold a secret.';
  return {
    code: mistake === undefined ? 'network' : 'unauthorized',
    message: `PostHog at ${host} was not asked for flag definitions: the key from the function given as secretKey ${problem}`,
  };
}
