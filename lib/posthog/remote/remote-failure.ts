/**
 * What is said when `/flags` gives no answer: what failed, on which host, why probably, and what
 * to do. Nothing of the question or of the answer's body is repeated, and no key.
 */
import type { RemoteFailure } from '../../core/remote/remote-evaluator.js';
import { codeOfGivenFetch, safeCause, systemCodeOf } from '../safe-cause.js';

export function failureOfQuota(host: string): RemoteFailure {
  return {
    code: 'quota-exceeded',
    message: `PostHog at ${host} says that the quota for feature flags is used up. Probably the billing limit of the project was reached. Raise it in PostHog under Billing, or have fewer flags decided remotely.`,
  };
}

export function failureOfStatus(
  host: string,
  status: number,
  retryAfterMs: number | undefined,
): RemoteFailure {
  if (status === 402) return { ...failureOfQuota(host), status };
  const { code, advice } = textOf(status);
  return {
    code,
    status,
    message: `PostHog at ${host} did not evaluate the flags (HTTP ${status}). ${advice}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function textOf(status: number): { readonly code: RemoteFailure['code']; readonly advice: string } {
  if (status === 429) {
    const advice =
      'It was asked too often. Have fewer flags decided remotely, or serve known answers (serveFresh).';
    return { code: 'rate-limited', advice };
  }
  if (status >= 500) {
    const advice =
      'Probably it is a passing trouble there; see https://status.posthog.com if it lasts.';
    return { code: 'server-error', advice };
  }
  const advice =
    status === 401 || status === 403
      ? 'Probably projectApiKey is mistyped or of another region (us, eu) than the host.'
      : 'Probably something else than PostHog answers there, such as a proxy or a sign-in page. Check the option host.';
  return { code: 'unexpected-status', advice };
}

export function failureOfForm(host: string, problem: string): RemoteFailure {
  return {
    code: 'invalid-answer',
    message: `PostHog at ${host} answered with ${problem} instead of evaluated flags. Probably something else than PostHog answers there, such as a proxy or a sign-in page. Check the option host.`,
  };
}

export function failureOfTimeout(host: string, timeoutMs: number): RemoteFailure {
  return {
    code: 'timeout',
    message: `PostHog at ${host} did not evaluate the flags within ${timeoutMs} ms. Probably the network or the server is slow. Check that, or raise timeoutMs.`,
  };
}

export function failureOfClosing(host: string): RemoteFailure {
  return { code: 'closed', message: `The question to ${host} was called off: shutting down.` };
}

export function failureOfQuestion(host: string): RemoteFailure {
  return {
    code: 'invalid-question',
    message: `PostHog at ${host} was not asked: the context holds something that JSON cannot carry, such as a BigInt or a cycle. Give properties that are texts, numbers, booleans, dates, lists or plain objects.`,
  };
}

/** Who refuses a connection or sends elsewhere does so again; posthog-node does not try again either. */
export function mayPass(error: unknown): boolean {
  const cause = safeCause(error, []);
  return systemCodeOf(cause) !== 'ECONNREFUSED' && !/redirect/i.test(cause.message);
}

export function failureOfError(
  host: string,
  error: unknown,
  { keys, isGivenFetch }: { readonly keys: readonly string[]; readonly isGivenFetch: boolean },
): RemoteFailure {
  const why = isGivenFetch ? codeOfGivenFetch(error) : safeCause(error, keys).message;
  return {
    code: 'network',
    message: `The flags could not be asked for at ${host}: ${why}. Probably the host is wrong, down or not reachable from here (DNS, proxy, firewall, certificate).`,
  };
}
