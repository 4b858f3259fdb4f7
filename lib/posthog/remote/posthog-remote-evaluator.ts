/**
 * Flags as PostHog's servers decide them: `POST {host}/flags/?v=2`. One deadline covers all tries
 * and the pauses between them; redirects are refused, so that properties go to no other host.
 */
import { jsonIn } from '../../core/given/json-text.js';
import type {
  RemoteAnswer,
  RemoteEvaluator,
  RemoteFailure,
  RemoteQuestion,
} from '../../core/remote/remote-evaluator.js';
import { pause, withDeadline } from '../../core/time/deadline.js';
import { readBoundedText } from '../bounded-body.js';
import { packageVersion } from '../package-version.js';
import { projectIdentity } from '../project-identity.js';
import { retryAfterMs } from '../retry-after.js';
import { readFlagsAnswer } from './flags-answer.js';
import { flagsRequestBody } from './flags-request.js';
import {
  resolveRemoteOptions,
  type PostHogRemoteEvaluatorOptions,
  type ResolvedRemoteOptions,
} from './posthog-remote-evaluator.options.js';
import {
  failureOfClosing,
  failureOfError,
  failureOfForm,
  failureOfQuestion,
  failureOfQuota,
  failureOfStatus,
  failureOfTimeout,
  mayPass,
} from './remote-failure.js';

const FIRST_PAUSE_MS = 300;

/** What another try may mend: PostHog's SDKs try again after the same. */
const passingStatuses: ReadonlySet<number> = new Set([502, 504]);

interface Try {
  readonly answer: RemoteAnswer;
  /** Another may end better. */
  readonly isPassing: boolean;
}

/** @publicApi */
export class PostHogRemoteEvaluator implements RemoteEvaluator {
  /** The host that is asked. */
  readonly description: string;
  /** A digest of host and project API key. */
  readonly identity: string;
  // Private to the language, not only to TypeScript: neither inspect nor JSON shows the key.
  readonly #options: ResolvedRemoteOptions;

  /** @throws FlagsError `invalid-options`, naming all mistakes at once and printing no key. */
  constructor(options: PostHogRemoteEvaluatorOptions) {
    this.#options = resolveRemoteOptions(options);
    const { host, projectApiKey } = this.#options;
    this.description = host;
    this.identity = projectIdentity(host, projectApiKey);
  }

  /** Resolves with how it ended within `timeoutMs`; does not reject. */
  async evaluate(question: RemoteQuestion, signal: AbortSignal): Promise<RemoteAnswer> {
    const { host, timeoutMs: ms, clock } = this.#options;
    const body = this.#bodyOf(question);
    if (body === undefined) return failed(failureOfQuestion(host));
    // Not AbortSignal.any: in Node 20 each one leaves memory behind at a signal that lives long.
    const over = new AbortController();
    const deadline = { clock, ms, signal, what: 'The question' };
    try {
      return await withDeadline(deadline, () => this.#askUntilAnswered(body, over.signal));
    } catch {
      return failed(signal.aborted ? failureOfClosing(host) : failureOfTimeout(host, ms));
    } finally {
      over.abort();
    }
  }

  #bodyOf(question: RemoteQuestion): string | undefined {
    try {
      return flagsRequestBody(question, this.#options);
    } catch {
      return undefined;
    }
  }

  async #askUntilAnswered(body: string, signal: AbortSignal): Promise<RemoteAnswer> {
    for (let tries = 0; ; tries += 1) {
      const { answer, isPassing } = await this.#ask(body, signal);
      const { retries, clock } = this.#options;
      if (!isPassing || tries >= retries) return answer;
      await pause(clock, Math.random() * FIRST_PAUSE_MS * 2 ** tries, signal);
      if (signal.aborted) return answer;
    }
  }

  async #ask(body: string, signal: AbortSignal): Promise<Try> {
    const { host, projectApiKey, fetch, isGivenFetch } = this.#options;
    try {
      const response = await fetch(`${host}/flags/?v=2`, {
        method: 'POST',
        redirect: 'error',
        signal,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'user-agent': `nestjs-feature-flags/${packageVersion}`,
        },
        body,
      });
      const answer = await this.#answer(response);
      return { answer, isPassing: passingStatuses.has(response.status) };
    } catch (error) {
      const failure = failureOfError(host, error, { keys: [projectApiKey], isGivenFetch });
      return { answer: failed(failure), isPassing: mayPass(error) };
    }
  }

  async #answer(response: Response): Promise<RemoteAnswer> {
    const { host, maxBodyBytes, clock } = this.#options;
    if (response.status !== 200) {
      // Read to its end or called off, or the connection stays in use.
      await response.body?.cancel();
      const waitMs = retryAfterMs(response.headers, clock.now());
      return failed(failureOfStatus(host, response.status, waitMs));
    }
    const read = await readBoundedText(response.body, maxBodyBytes);
    if (read.kind === 'too-large') {
      return failed(failureOfForm(host, `more than ${maxBodyBytes} bytes (maxBodyBytes)`));
    }
    const parsed = read.kind === 'text' ? readFlagsAnswer(jsonIn(read.text)) : undefined;
    if (parsed?.ok) return parsed.answer;
    return failed(
      parsed?.why === 'quota' ? failureOfQuota(host) : failureOfForm(host, 'something else'),
    );
  }
}

function failed(failure: RemoteFailure): RemoteAnswer {
  return { kind: 'failed', failure };
}
