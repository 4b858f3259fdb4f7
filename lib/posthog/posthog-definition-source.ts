/**
 * The definitions from PostHog's HTTP API: `GET {host}/flags/definitions`, asked conditionally
 * with the etag that came with what is in memory. One deadline covers connecting, headers and
 * body; redirects are refused, so that the secret key goes to no other host; nothing that is
 * said or thrown holds a key. It does not poll, retry or remember: that is the cycle's matter.
 */
import { jsonIn } from '../core/given/json-text.js';
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
  DefinitionSourceRequest,
  FetchFailure,
} from '../core/definitions/definition-source.js';
import { systemClock } from '../core/time/clock.js';
import { withDeadline } from '../core/time/deadline.js';
import { readBoundedText } from './bounded-body.js';
import {
  failureOfAbort,
  failureOfBody,
  failureOfError,
  failureOfSecretKey,
  failureOfStatus,
  failureOfTimeout,
} from './definitions-failure.js';
import { packageVersion } from './package-version.js';
import { resolveSourceOptions } from './posthog-definition-source.options.js';
import type {
  PostHogDefinitionSourceOptions,
  ResolvedSourceOptions,
} from './posthog-definition-source.options.js';
import { projectIdentity } from './project-identity.js';
import { mistakeInSecretKey } from './posthog-keys.js';
import { retryAfterMs } from './retry-after.js';

/** @publicApi */
export class PostHogDefinitionSource implements DefinitionSource {
  /** The host that is asked. */
  readonly description: string;
  /** A digest of host and project API key. */
  readonly identity: string;
  // Private to the language, not only to TypeScript: neither inspect nor JSON shows the keys.
  readonly #options: ResolvedSourceOptions;

  /** @throws FlagsError `invalid-options`, naming all mistakes at once and printing no key. */
  constructor(options: PostHogDefinitionSourceOptions) {
    this.#options = resolveSourceOptions(options);
    const { host, projectApiKey } = this.#options;
    this.description = host;
    this.identity = projectIdentity(host, projectApiKey);
  }

  /** Asks once. Resolves with how it ended within `requestTimeoutMs`; does not reject. */
  async fetch(request: DefinitionSourceRequest): Promise<DefinitionSourceAnswer> {
    const { host, requestTimeoutMs: ms } = this.#options;
    // Not AbortSignal.any: in Node 20 each one leaves memory behind at a signal that lives long.
    const abort = new AbortController();
    const deadline = { clock: systemClock, ms, signal: request.signal, what: 'The request' };
    try {
      return await withDeadline(deadline, () => this.#ask(request.etag, abort.signal));
    } catch {
      return failed(request.signal.aborted ? failureOfAbort(host) : failureOfTimeout(host, ms));
    } finally {
      abort.abort();
    }
  }

  async #ask(etag: string | undefined, signal: AbortSignal): Promise<DefinitionSourceAnswer> {
    const { host, projectApiKey, fetch } = this.#options;
    const secretKey = await this.#readSecretKey();
    if (typeof secretKey !== 'string') return failed(secretKey);
    // An etag that no header can hold (a cache may hold anything) is better not sent than fatal.
    const sentEtag = etag !== undefined && headerText.test(etag) ? etag : undefined;
    try {
      const response = await fetch(
        `${host}/flags/definitions?token=${encodeURIComponent(projectApiKey)}&send_cohorts`,
        {
          method: 'GET',
          redirect: 'error',
          signal,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${secretKey}`,
            'user-agent': `nestjs-feature-flags/${packageVersion}`,
            ...(sentEtag !== undefined && { 'if-none-match': sentEtag }),
          },
        },
      );
      return await this.#answer(response, sentEtag);
    } catch (error) {
      return failed(failureOfError(host, error, [secretKey, projectApiKey]));
    }
  }

  /** The key, or why there is none. */
  async #readSecretKey(): Promise<string | FetchFailure> {
    const { host, readSecretKey } = this.#options;
    let given: unknown;
    try {
      given = await readSecretKey();
    } catch {
      return failureOfSecretKey(host, undefined);
    }
    const mistake = mistakeInSecretKey(given);
    return mistake === undefined ? String(given).trim() : failureOfSecretKey(host, mistake);
  }

  async #answer(response: Response, sentEtag: string | undefined): Promise<DefinitionSourceAnswer> {
    const { host } = this.#options;
    const etag = response.headers.get('etag') ?? undefined;
    // "Not modified" says nothing to one who has not said what he holds.
    if (response.status === 304 && sentEtag !== undefined) {
      return { kind: 'not-modified', ...(etag !== undefined && { etag }) };
    }
    if (response.status === 200) return this.#readBody(response, etag);
    const waitMs = retryAfterMs(response.headers, systemClock.now());
    return failed(failureOfStatus(host, response.status, waitMs));
  }

  async #readBody(response: Response, etag: string | undefined): Promise<DefinitionSourceAnswer> {
    const { host, maxBodyBytes } = this.#options;
    const read = await readBoundedText(response.body, maxBodyBytes);
    if (read.kind === 'too-large') {
      return failed(failureOfBody(host, `more than ${maxBodyBytes} bytes (maxBodyBytes)`));
    }
    if (read.kind === 'text') {
      const body = jsonIn(read.text);
      if (body !== undefined) {
        return { kind: 'definitions', body, ...(etag !== undefined && { etag }) };
      }
    }
    const type = /^[a-z]+\/[\w.+-]{1,60}/i.exec(response.headers.get('content-type') ?? '')?.[0];
    return failed(failureOfBody(host, `what is not JSON (content type: ${type ?? 'none'})`));
  }
}

/** What a header may hold: Latin-1 without control characters. */
const headerText = /^[\x20-\x7e\x80-\xff]+$/;

function failed(failure: FetchFailure): DefinitionSourceAnswer {
  return { kind: 'failed', failure };
}
