/**
 * Exposures without a client of PostHog: `POST {host}/batch/`, as posthog-node sends events. One
 * deadline covers all tries and the pauses between them; redirects are refused, so that ids go to no
 * other host. Each event has a number of its own, by which PostHog knows one that comes twice.
 */
import { randomUUID } from 'node:crypto';
import type { FlagsError } from '../../core/errors/flags-error.js';
import type { Exposure } from '../../core/exposure/exposure.js';
import type { ExposureSink } from '../../core/exposure/exposure-sink.js';
import { systemClock } from '../../core/time/clock.js';
import { pause, withDeadline } from '../../core/time/deadline.js';
import { packageVersion } from '../package-version.js';
import { projectIdentity } from '../project-identity.js';
import { retryAfterMs } from '../retry-after.js';
import { calledOff, failedByError, failedByStatus, tooLate } from './exposure-failure.js';
import type { FailedTry } from './exposure-failure.js';
import { FLAG_CALLED, flagCalledProperties } from './flag-called-event.js';
import {
  resolveSenderOptions,
  type PostHogExposureSenderOptions,
  type ResolvedSenderOptions,
} from './posthog-exposure-sender.options.js';

const FIRST_PAUSE_MS = 500;
const LIBRARY = 'nestjs-feature-flags';

/** @publicApi */
export class PostHogExposureSender implements ExposureSink {
  /** The host that exposures are sent to. */
  readonly description: string;
  /** A digest of host and project API key. */
  readonly identity: string;
  // Private to the language, not only to TypeScript: neither inspect nor JSON shows the key.
  readonly #options: ResolvedSenderOptions;

  /** @throws FlagsError `invalid-options`, naming all mistakes at once and printing no key. */
  constructor(options: PostHogExposureSenderOptions) {
    this.#options = resolveSenderOptions(options);
    const { host, projectApiKey } = this.#options;
    this.description = `PostHog at ${host}`;
    this.identity = projectIdentity(host, projectApiKey);
  }

  /**
   * Resolves once PostHog has taken the batch.
   * @throws FlagsError `not-delivered` (as a rejection) when it has not within `timeoutMs`, or will
   * not take it; `closed` when the signal aborts.
   */
  async send(exposures: readonly Exposure[], signal: AbortSignal): Promise<void> {
    const { host, timeoutMs: ms } = this.#options;
    const body = this.#bodyOf(exposures);
    const over = new AbortController();
    const deadline = { clock: systemClock, ms, signal, what: 'The batch' };
    let last: FlagsError | undefined;
    const onFailed = (error: FlagsError): void => {
      last = error;
    };
    try {
      await withDeadline(deadline, () => this.#sendUntilTaken(body, over.signal, onFailed));
    } catch {
      // What the last try has met with says more than that the time is over.
      throw signal.aborted ? calledOff(host) : (last ?? tooLate(host, ms));
    } finally {
      over.abort();
    }
  }

  #bodyOf(exposures: readonly Exposure[]): string {
    const { projectApiKey, geoip } = this.#options;
    const batch = exposures.map((exposure) => eventOf(exposure, geoip));
    const sentAt = new Date(systemClock.now()).toISOString();
    return JSON.stringify({ api_key: projectApiKey, batch, sent_at: sentAt });
  }

  async #sendUntilTaken(
    body: string,
    signal: AbortSignal,
    onFailed: (error: FlagsError) => void,
  ): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      const failed = await this.#try(body, signal);
      if (failed === undefined) return;
      // By then it is nobody's: the end of the deadline ends the try as well.
      if (signal.aborted) return;
      onFailed(failed.error);
      if (!failed.isPassing || tries >= this.#options.retries) throw failed.error;
      const pauseMs = failed.retryAfterMs ?? Math.random() * FIRST_PAUSE_MS * 2 ** tries;
      await pause(systemClock, pauseMs, signal);
      if (signal.aborted) return;
    }
  }

  async #try(body: string, signal: AbortSignal): Promise<FailedTry | undefined> {
    const { host, projectApiKey, fetch, isGivenFetch } = this.#options;
    try {
      const response = await fetch(`${host}/batch/`, {
        method: 'POST',
        redirect: 'error',
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': `${LIBRARY}/${packageVersion}`,
        },
        body,
      });
      // Read to its end or called off, or the connection stays in use.
      await response.body?.cancel();
      if (response.ok) return undefined;
      const waitMs = retryAfterMs(response.headers, systemClock.now());
      return failedByStatus(host, response.status, waitMs);
    } catch (error) {
      return failedByError(host, error, { keys: [projectApiKey], isGivenFetch });
    }
  }
}

function eventOf(exposure: Exposure, geoip: boolean): object {
  const { distinctId, groups, readAt } = exposure;
  return {
    distinct_id: distinctId,
    event: FLAG_CALLED,
    properties: {
      ...flagCalledProperties(exposure),
      ...(Object.keys(groups).length > 0 && { $groups: groups }),
      $lib: LIBRARY,
      $lib_version: packageVersion,
      $is_server: true,
      ...(!geoip && { $geoip_disable: true }),
    },
    timestamp: new Date(readAt).toISOString(),
    uuid: randomUUID(),
  };
}
