/** Questions to `/flags` over real HTTP: as posthog-node puts them, and however they end. */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PostHog } from 'posthog-node';
import type { EvaluationContext } from '../../../lib/core/evaluation/evaluation-context.js';
import type { RemoteAnswer } from '../../../lib/core/remote/remote-evaluator.js';
import { PostHogRemoteEvaluator } from '../../../lib/posthog/remote/posthog-remote-evaluator.js';
import type { PostHogRemoteEvaluatorOptions } from '../../../lib/posthog/remote/posthog-remote-evaluator.options.js';
import type { FetchFunction } from '../../../lib/posthog/posthog-definition-source.options.js';
import { ManualClock } from '../../../lib/testing/manual-clock.js';
import { freePort } from '../../setup/free-port.mjs';
import { DefinitionsServer } from '../../support/definitions-server.js';
import { plantedWord } from '../../setup/planted-word.mjs';
import { planted } from '../../support/planted.js';

let server: DefinitionsServer;
let closing: AbortController;

beforeEach(async () => {
  server = await new DefinitionsServer().start();
  closing = new AbortController();
});

afterEach(async () => {
  await server.close();
});

/** A busy machine may need its time for an answer that comes. */
const PATIENT_MS = 30_000;

function evaluator(options: Partial<PostHogRemoteEvaluatorOptions> = {}): PostHogRemoteEvaluator {
  const { host, projectApiKey } = server;
  return new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs: PATIENT_MS, ...options });
}

function ask(
  context: EvaluationContext,
  keys?: readonly string[],
  options?: Partial<PostHogRemoteEvaluatorOptions>,
): Promise<RemoteAnswer> {
  return evaluator(options).evaluate({ context, keys }, closing.signal);
}

const ada: EvaluationContext = {
  distinctId: 'ada',
  personProperties: { email: planted.value, $device_id: 'd1', joined: new Date(0), age: 36 },
  groups: { company: 'acme', team: 'blue' },
  groupProperties: { company: { plan: 'team' }, unknown: { a: 1 } },
};

const version2 = {
  flags: {
    on: {
      key: 'on',
      enabled: true,
      variant: null,
      reason: { code: 'condition_match', condition_index: 1, description: 'Matched' },
      metadata: { id: 3, version: 7, payload: '{"a":[1]}', has_experiment: false },
    },
    variant: {
      key: 'variant',
      enabled: true,
      variant: 'blue',
      reason: { code: 'super_condition_value' },
      metadata: { id: 4, version: 1, payload: 'no json' },
    },
    off: { key: 'off', enabled: false, variant: null, reason: { code: 'flag_disabled' }, metadata: { id: 5, payload: '1' } }, // prettier-ignore
  },
  errorsWhileComputingFlags: false,
  requestId: 'r1',
  evaluatedAt: 1_700_000_000_000,
  minimalFlagCalledEvents: true,
};

const flag = (key: string, value: boolean | string) => ({
  key,
  value,
  payload: undefined,
  reason: 'evaluated_remotely',
  conditionIndex: undefined,
});

/** A question, as a user of posthog-node and as one of ours would put it. */
const questions: readonly [string, EvaluationContext][] = [
  ['nothing but the id', { distinctId: 'ada' }],
  ['all that there is', ada],
  ['a group that has no properties', { distinctId: 'ada', groups: { company: 'acme' } }],
  ['a group of which nothing but the key is known', { distinctId: 'ada', groups: { company: 7 as unknown as string }, groupProperties: { company: {} } }], // prettier-ignore
  ['properties that are empty', { distinctId: 'ada', personProperties: { a: '', $device_id: '' } }],
  ['letters of the world', { distinctId: 'ä 𝄞', personProperties: { name: 'Ж\u2028' } }],
];

const earlier = {
  featureFlags: { on: true, variant: 'blue', off: false },
  featureFlagPayloads: { on: '{"a":[1]}', variant: 'no json' },
};

const bodies: readonly (readonly [string, object])[] = [
  ['of today', version2],
  ['of before', earlier],
  ['in part', { ...version2, errorsWhileComputingFlags: true }],
  ['without flags', { flags: {} }],
  ['after the end of the quota', { ...version2, quotaLimited: ['feature_flags'] }],
  ['of a project that has no quota left for recordings', { ...version2, quotaLimited: ['recordings'] }], // prettier-ignore
];

describe('beside posthog-node', () => {
  const keys = ['on', 'variant', 'off', 'missing'];
  let client: PostHog;
  beforeEach(() => {
    const patient = { featureFlagsRequestTimeoutMs: PATIENT_MS };
    const options = { host: server.host, flushAt: 1_000, preloadFeatureFlags: false, ...patient };
    client = new PostHog(server.projectApiKey, options);
    // It says so of every question that fails, and that it would be asked in other words.
    client.on('error', () => undefined);
    jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    jest.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    await client.shutdown();
    jest.restoreAllMocks();
  });

  const theirs = ({ personProperties, groups, groupProperties }: EvaluationContext) => ({
    ...(groups !== undefined && { groups: groups as Record<string, string> }),
    ...(personProperties && { personProperties: personProperties as Record<string, string> }),
    ...(groupProperties && {
      groupProperties: groupProperties as Record<string, Record<string, string>>,
    }),
    sendFeatureFlagEvents: false,
  });

  it.each(questions)('a question with %s is the same', async (_w, context) => {
    const { distinctId } = context;
    await client.getFeatureFlag('on', distinctId, theirs(context));
    await ask(context, ['on']);
    const { sendFeatureFlagEvents: _, ...options } = theirs(context);
    await client.getAllFlags(distinctId, options);
    await ask(context);
    const [single, ourSingle, all, ourAll] = server.flagRequests;
    expect(ourSingle?.body).toEqual(single?.body);
    expect(ourAll?.body).toEqual(all?.body);
    for (const one of server.flagRequests) {
      expect([one.method, one.path, one.query]).toEqual(['POST', '/flags/', [['v', '2']]]);
      expect(one.headers['content-type']).toBe('application/json');
      expect(one.headers.authorization).toBeUndefined();
    }
  });

  it.each(bodies)('an answer %s gives the same values and payloads', async (_what, body) => {
    server.flags = () => ({ body });
    const answer = await ask(ada, keys);
    const { sendFeatureFlagEvents: _, ...options } = theirs(ada);
    const all = await client.getAllFlagsAndPayloads('ada', options);
    for (const key of keys) {
      const ours = answer.kind === 'flags' ? answer.flags.get(key) : undefined;
      expect([key, ours?.value]).toEqual([key, all.featureFlags?.[key]]);
      expect([key, ours?.payload]).toEqual([key, all.featureFlagPayloads?.[key]]);
    }
  });
});

describe('a question', () => {
  it('for all flags names none', async () => {
    await ask({ distinctId: 'ada' });
    expect(server.flagRequests[0]?.body).toEqual({
      token: planted.projectApiKey,
      distinct_id: 'ada',
      groups: {},
      person_properties: {},
      group_properties: {},
      geoip_disable: true,
      evaluation_runtime: 'server',
    });
  });

  it('says what it was told to', async () => {
    await ask({ distinctId: 'ada' }, ['a'], { geoip: true, evaluationContexts: ['web'] });
    expect(server.flagRequests[0]?.body).toMatchObject({
      geoip_disable: false,
      evaluation_contexts: ['web'],
      flag_keys_to_evaluate: ['a'],
    });
  });

  it('is not put where JSON cannot carry it', async () => {
    const answer = await ask({ distinctId: 'ada', personProperties: { secret: 10n } });
    expect(answer).toMatchObject({ kind: 'failed', failure: { code: 'invalid-question' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(server.flagRequests).toEqual([]);
  });
});

describe('an answer', () => {
  it('gives value, payload, reason and facts of each flag', async () => {
    server.flags = () => ({ body: version2, gzip: true });
    expect(await ask(ada)).toEqual({
      kind: 'flags',
      isComplete: true,
      requestId: 'r1',
      evaluatedAt: 1_700_000_000_000,
      minimalEvents: true,
      flags: new Map<string, unknown>([
        ['on', { ...flag('on', true), payload: { a: [1] }, reason: 'condition_match', conditionIndex: 1, reasonText: 'Matched', id: 3, version: 7, hasExperiment: false }], // prettier-ignore
        ['variant', { ...flag('variant', 'blue'), payload: 'no json', reasonText: 'super_condition_value', id: 4, version: 1 }], // prettier-ignore
        ['off', { ...flag('off', false), reason: 'disabled', reasonText: 'flag_disabled', id: 5 }],
      ]),
    });
  });

  it('is understood in its earlier form', async () => {
    server.flags = () => ({
      body: { featureFlags: { a: true, b: 'x', c: false }, featureFlagPayloads: { b: '[1]' } },
    });
    expect(await ask(ada)).toEqual({
      kind: 'flags',
      isComplete: true,
      flags: new Map<string, unknown>([
        ['a', flag('a', true)],
        ['b', { ...flag('b', 'x'), payload: [1] }],
        ['c', flag('c', false)],
      ]),
    });
  });

  it.each([
    ['could not compute all', { flags: { a: { enabled: true } }, errorsWhileComputingFlags: true }],
    ['marks a flag as failed', { flags: { a: { enabled: true }, b: { enabled: false, failed: true } } }], // prettier-ignore
    ['has a flag that is none', { flags: { a: { enabled: true }, b: 7 } }],
    ['has a value that is none', { flags: { a: { enabled: true }, b: { enabled: 'yes!', variant: 3 } } }], // prettier-ignore
  ])('is used as far as it goes, and no further, when it %s', async (_what, body) => {
    server.flags = () => ({ body });
    const answer = await ask(ada);
    expect(answer).toMatchObject({ kind: 'flags', isComplete: false });
    expect(answer.kind === 'flags' && [...answer.flags.keys()]).toEqual(['a']);
  });

  it.each([
    ['quota-exceeded', { body: { flags: {}, quotaLimited: ['feature_flags'] } }],
    ['quota-exceeded', { status: 402 }],
    ['rate-limited', { status: 429, headers: { 'retry-after': '7' } }],
    ['server-error', { status: 500 }],
    ['unexpected-status', { status: 401 }],
    ['network', { status: 302, headers: { location: '/elsewhere' } }],
    ['unexpected-status', { status: 404 }],
    ['invalid-answer', { body: '<html>Sign in</html>' }],
    ['invalid-answer', { body: [] }],
    ['invalid-answer', { body: { flags: null } }],
    ['invalid-answer', { body: { flags: [] } }],
    ['invalid-answer', { body: {} }],
    ['network', { fault: 'cut', body: version2 }],
    ['network', { fault: 'refused' }],
    ['timeout', { fault: 'no-headers' }],
    ['timeout', { fault: 'no-end', body: version2 }],
  ] as const)('that is none is a failure: %s %j', async (code, scripted) => {
    server.flags = () => scripted;
    const timeoutMs = code === 'timeout' ? 200 : PATIENT_MS;
    const answer = await ask(ada, undefined, { timeoutMs, retries: 0 });
    expect(answer).toMatchObject({ kind: 'failed', failure: { code } });
    expect(JSON.stringify(answer)).not.toMatch(new RegExp(`${plantedWord}|acme`));
  });

  it('says how long to wait, where PostHog does', async () => {
    server.flags = () => ({ status: 429, headers: { 'retry-after': '7' } });
    expect(await ask(ada)).toMatchObject({ failure: { retryAfterMs: 7_000 } });
  });

  it('larger than allowed is refused', async () => {
    server.flags = () => ({ body: version2, gzip: true });
    const answer = await ask(ada, undefined, { maxBodyBytes: 100 });
    expect(answer).toMatchObject({ failure: { code: 'invalid-answer' } });
  });
});

describe('another try', () => {
  it.each([
    ['a connection that breaks', { fault: 'refused' }],
    ['502', { status: 502 }],
    ['504', { status: 504 }],
  ] as const)('mends %s', async (_what, first) => {
    server.flags = () => (server.flagRequests.length === 1 ? first : { body: version2 });
    expect(await ask(ada)).toMatchObject({ kind: 'flags' });
    expect(server.flagRequests).toHaveLength(2);
  });

  it.each([500, 429, 402, 401])('is not made after %i', async (status) => {
    server.flags = () => ({ status });
    await ask(ada, undefined, { retries: 5 });
    expect(server.flagRequests).toHaveLength(1);
  });

  it('is not made where nobody listens, nor where it is sent elsewhere', async () => {
    server.flags = () => ({ status: 302, headers: { location: '/elsewhere' } });
    await ask(ada, undefined, { retries: 5 });
    expect(server.flagRequests).toHaveLength(1);
    const host = `http://127.0.0.1:${await freePort()}`;
    let tries = 0;
    const counted: FetchFunction = (url, init) => {
      tries += 1;
      return fetch(url, init);
    };
    const answer = await ask(ada, undefined, { host, retries: 5, fetch: counted });
    expect(answer).toMatchObject({
      failure: { code: 'network', message: expect.stringContaining('ECONNREFUSED') },
    });
    expect(tries).toBe(1);
  });

  it('is within the deadline of the question, pauses included', async () => {
    server.flags = () => ({ fault: 'refused' });
    const answer = await ask(ada, undefined, { timeoutMs: 150, retries: 5 });
    expect(answer.kind).toBe('failed');
    const made = server.flagRequests.length;
    expect(made).toBeLessThan(6);
  });
});

it('its deadline is one of the clock that it is given', async () => {
  server.flags = () => ({ fault: 'no-headers' });
  const clock = new ManualClock();
  const answer = ask(ada, undefined, { clock, timeoutMs: 3_000 });
  while (server.flagRequests.length === 0) await new Promise(setImmediate);
  await clock.advance(3_000);
  expect(await answer).toMatchObject({ failure: { code: 'timeout' } });
});

it('a fetch of the app that repeats what it was to send is not repeated', async () => {
  const failing: FetchFunction = (url, init) => {
    const error = new Error(`${url} failed: ${init?.body as string}`);
    return Promise.reject(Object.assign(error, { code: 'ECONNRESET' }));
  };
  const answer = await ask(ada, undefined, { fetch: failing });
  expect(answer).toMatchObject({ failure: { code: 'network' } });
  expect(JSON.stringify(answer)).toContain('the given fetch failed with ECONNRESET');
  expect(JSON.stringify(answer)).not.toMatch(new RegExp(`${plantedWord}|acme`));
});

describe('the end of the app', () => {
  it('calls a question off at once', async () => {
    server.flags = () => ({ fault: 'no-headers' });
    const answer = ask(ada, undefined, { timeoutMs: 60_000 });
    while (server.flagRequests.length === 0) await new Promise(setImmediate);
    closing.abort();
    expect(await answer).toMatchObject({ failure: { code: 'closed' } });
  });
});

describe('its options', () => {
  it('are all checked at once, and print no key', () => {
    const options = { host: 'ftp://x', projectApiKey: 'phs_s', timeoutMs: 0, retries: 9, gioip: 1 };
    const make = () =>
      new PostHogRemoteEvaluator(options as unknown as PostHogRemoteEvaluatorOptions);
    expect(make).toThrow(/5 of its options are wrong/);
    expect(make).not.toThrow(/phs_s/);
  });

  it('do not show the key', () => {
    expect(JSON.stringify(evaluator())).not.toContain('phc_');
  });
});
