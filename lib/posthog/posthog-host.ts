/**
 * Where PostHog is asked. The addresses of PostHog's web app are turned into those of its API,
 * as PostHog's own SDKs do, and a secret is not sent in clear over a network unless the user
 * says so.
 */

export const DEFAULT_HOST = 'https://us.i.posthog.com';

const apiHostOfAppHost: ReadonlyMap<string, string> = new Map([
  ['https://app.posthog.com', DEFAULT_HOST],
  ['https://us.posthog.com', DEFAULT_HOST],
  ['https://eu.posthog.com', 'https://eu.i.posthog.com'],
]);

export type ResolvedHost =
  | { readonly ok: true; readonly host: string }
  /** `mistake` continues a sentence that begins with the name of the option. */
  | { readonly ok: false; readonly mistake: string };

/** The address, without a slash at its end, or what is wrong with it (without printing it). */
export function resolveHost(given: unknown, allowInsecureHttp: boolean): ResolvedHost {
  if (given === undefined) return { ok: true, host: DEFAULT_HOST };
  const trimmed = typeof given === 'string' ? given.trim() : '';
  if (!URL.canParse(trimmed)) {
    return wrong(`must be a URL such as "${DEFAULT_HOST}". Leave it out for PostHog Cloud US.`);
  }
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return wrong(`must begin with "https://", got "${url.protocol}".`);
  }
  if (url.username !== '' || url.password !== '') {
    return wrong('must not hold a user name or a password. Leave them out of the URL.');
  }
  if (url.search !== '' || url.hash !== '') {
    return wrong('must not have a query or a fragment. End it after the host or its path.');
  }
  if (url.protocol === 'http:' && !allowInsecureHttp && !isLoopback(url.hostname)) {
    return wrong(
      'must begin with "https://": over http the secret key can be read on the way. ' +
        'Inside a network that you trust, set allowInsecureHttp: true.',
    );
  }
  const host = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  return { ok: true, host: apiHostOfAppHost.get(host) ?? host };
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

function wrong(mistake: string): ResolvedHost {
  return { ok: false, mistake };
}
