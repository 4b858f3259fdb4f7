/** Batches over real HTTP, however that ends; and that nothing secret is told. */
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Exposure } from '../../../lib/core/exposure/exposure.js';
import { PostHogExposureSender, isFlagsError, posthogSink } from '../../../lib/index.js';
import type { PostHogExposureSenderOptions } from '../../../lib/index.js';
import { DefinitionsServer, type ScriptedAnswer } from '../../support/definitions-server.js';

let server: DefinitionsServer;
let closing: AbortController;

beforeEach(async () => {
  server = await new DefinitionsServer({ projectApiKey: 'phc_canary_project' }).start();
  closing = new AbortController();
});

afterEach(async () => {
  await server.close();
});

const exposure: Exposure = {
  key: 'new-checkout',
  value: 'blue',
  distinctId: 'ada',
  groups: {},
  origin: 'local',
  reason: 'condition_match',
  reasonText: undefined,
  flagId: 7,
  flagVersion: 3,
  hasExperiment: undefined,
  minimalEvents: undefined,
  definitionsLoadedAt: undefined,
  requestId: undefined,
  evaluatedAt: 1_700_000_000_000,
  readAt: 1_700_000_000_000,
  errors: [],
};

function sender(options: Partial<PostHogExposureSenderOptions> = {}): PostHogExposureSender {
  const { host, projectApiKey } = server;
  return new PostHogExposureSender({ host, projectApiKey, ...options });
}

const send = (options?: Partial<PostHogExposureSenderOptions>) =>
  sender(options).send([exposure, { ...exposure, key: 'other' }], closing.signal);

/** Answers in this order, and takes what comes then. */
function answerWith(...answers: ScriptedAnswer[]): void {
  server.batch = () => answers.shift() ?? { body: { status: 1 } };
}

async function failureOf(sent: Promise<void>): Promise<unknown> {
  return sent.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('a batch', () => {
  it('is one request with all that an event needs, and nothing else', async () => {
    await send();
    const [request] = server.batchRequests;
    expect([request?.method, request?.query]).toEqual(['POST', []]);
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json' });
    expect(request?.headers.authorization).toBeUndefined();
    expect(Object.keys(request?.body as object)).toEqual(['api_key', 'batch', 'sent_at']);
    expect(server.events.map(({ properties }) => properties['$feature_flag'])).toEqual([
      'new-checkout',
      'other',
    ]);
    expect(server.events[0]).toMatchObject({
      distinct_id: 'ada',
      event: '$feature_flag_called',
      timestamp: '2023-11-14T22:13:20.000Z',
      properties: { $lib: 'nestjs-feature-flags', $is_server: true, $geoip_disable: true },
    });
    expect(new Set(server.events.map(({ uuid }) => uuid)).size).toBe(2);
  });

  it('lets PostHog derive places when told to', async () => {
    await send({ geoip: true });
    expect(server.events[0]?.properties).not.toHaveProperty('$geoip_disable');
  });
});

describe('a batch that is not taken at once', () => {
  it.each([
    ['a 503', { status: 503 }],
    ['a 500', { status: 500 }],
    ['a 408', { status: 408 }],
    ['a 429 that says how long', { status: 429, headers: { 'retry-after': '0' } }],
    ['a broken connection', { fault: 'refused' }],
  ] as const)('for %s is sent again, under the same numbers', async (_what, answer) => {
    answerWith(answer);
    await send();
    const [first, second, ...others] = server.batchRequests;
    expect(others).toEqual([]);
    expect(second?.body).toEqual(first?.body);
  });

  it.each([
    ['a 400', { status: 400 }, 'HTTP 400'],
    ['a 401', { status: 401 }, 'projectApiKey'],
    ['a 413', { status: 413 }, 'exposures.batchSize'],
    ['a redirect', { status: 302, headers: { location: 'https://elsewhere.test' } }, 'redirect'],
  ] as const)('for %s is lost, with what to do', async (_what, answer, advice) => {
    server.batch = () => answer;
    const error = await failureOf(send({ retries: 0 }));
    expect(isFlagsError(error) && error.code).toBe('not-delivered');
    expect(String(error)).toContain(advice);
    expect(server.batchRequests).toHaveLength(1);
  });

  it('is sent again no more often than it may', async () => {
    server.batch = () => ({ status: 503 });
    const error = await failureOf(send({ retries: 2 }));
    expect(String(error)).toContain('HTTP 503');
    expect(server.batchRequests).toHaveLength(3);
  });

  it.each([
    ['says nothing', { fault: 'no-headers' }, 'within 2000 ms'],
    ['asks for an hour of peace', { status: 429, headers: { 'retry-after': '3600' } }, 'HTTP 429'],
  ] as const)('when PostHog %s is lost in time', async (_what, answer, said) => {
    server.batch = () => answer;
    const error = await failureOf(send({ timeoutMs: 2_000 }));
    expect(isFlagsError(error) && error.code).toBe('not-delivered');
    expect(String(error)).toContain(said);
  });

  it('is called off at the end of the app', async () => {
    server.batch = () => {
      closing.abort();
      return { fault: 'no-headers' };
    };
    const error = await failureOf(send());
    expect(isFlagsError(error) && error.code).toBe('closed');
  });
});

describe('what is told', () => {
  it('holds no key and nothing of an event, whatever fails', async () => {
    const told: unknown[] = [inspect(sender(), { depth: 9 }), JSON.stringify(sender())];
    for (const answer of [
      { status: 500, body: 'phc_canary_project' },
      { fault: 'cut' },
      { fault: 'refused' },
    ] as const) {
      // prettier-ignore
      server.batch = () => answer;
      told.push(inspect(await failureOf(send({ retries: 0 })), { depth: 9 }));
    }
    const leaky = (_url: unknown, init?: { readonly body?: unknown }) =>
      Promise.reject(new Error(`no way to send ${String(init?.body)}`));
    told.push(inspect(await failureOf(send({ retries: 0, fetch: leaky })), { depth: 9 }));
    expect(told.join('\n')).not.toMatch(/phc_canary|new-checkout|ada/);
    expect(told.join('\n')).toContain('HTTP 500');
  });
});

describe('options that are wrong', () => {
  it('are told all at once, and no key is printed', () => {
    const options = {
      host: 'http://posthog.example',
      projectApiKey: 'phs_canary_secret',
      timeoutMs: 0,
      retries: 99,
      geoip: 'yes',
      retry: 1,
    };
    const make = () => new PostHogExposureSender(options as never);
    expect(make).toThrow(/6 of its options are wrong/);
    expect(make).not.toThrow(/canary/);
  });

  it('a sink for a client is made for what can capture, and for nothing else', () => {
    expect(() => posthogSink({} as never)).toThrow('method capture');
    expect(() => posthogSink(null as never)).toThrow('got null');
  });
});
