/**
 * The same flags, the same server, the same reads: the events that the real posthog-node sends and
 * those that this package sends, by itself and through a posthog-node client, property by property.
 */
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PostHog } from 'posthog-node';
import {
  PostHogDefinitionSource,
  PostHogExposureSender,
  PostHogRemoteEvaluator,
  posthogSink,
} from '../../../lib/index.js';
import type { EvaluationContext, ExposureSink, FlagsService } from '../../../lib/index.js';
import { closeApps, startApp } from '../../request/platforms.js';
import { DefinitionsServer, type SentEvent } from '../../support/definitions-server.js';
import { definitionsOf, off, on, onFor, unresolvable, variant } from '../../support/flag-definitions.js'; // prettier-ignore

const byCompany = { ...on('by-company').filters, aggregation_group_type_index: 0 };

const definitions = {
  ...definitionsOf(
    on('on'),
    variant('blue', 'navy', { size: 3 }),
    off('off'),
    onFor('staff', 'team', 'staff'),
    { ...on('by-company'), filters: byCompany },
    { ...on('experiment'), has_experiment: true },
    { ...on('no-experiment'), has_experiment: false },
    unresolvable('remote'),
    unresolvable('remote-off'),
    unresolvable('remote-bare'),
    unresolvable('remote-missing'),
  ),
  group_type_mapping: { '0': 'company' },
};

const answers = {
  remote: {
    key: 'remote',
    enabled: true,
    variant: 'navy',
    reason: { code: 'condition_match', condition_index: 1, description: 'Matched condition 2' },
    metadata: { id: 70, version: 5, has_experiment: true },
  },
  'remote-off': {
    key: 'remote-off',
    enabled: false,
    variant: null,
    reason: { code: 'no_condition_match' },
    metadata: { id: 71, version: 1, has_experiment: false },
  },
  'remote-bare': { key: 'remote-bare', enabled: true },
};
const answered = { flags: answers, requestId: 'r1', evaluatedAt: 1_700_000_000_000 };

const ada: EvaluationContext = { distinctId: 'ada', personProperties: { team: 'staff' } };
const inAcme: EvaluationContext = { ...ada, groups: { company: 'acme', team: 'blue' } };

/** However busy the machine is. */
const PATIENT_MS = 60_000;

let server: DefinitionsServer;
const clients: PostHog[] = [];

beforeEach(async () => {
  // Of flags that it cannot decide by itself, on purpose, posthog-node warns each time.
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  jest.spyOn(console, 'error').mockImplementation(() => undefined);
  server = await new DefinitionsServer({ definitions }).start();
  server.flags = () => ({ body: answered });
});

afterEach(async () => {
  await closeApps();
  await Promise.all(clients.splice(0).map((client) => client.shutdown()));
  await server.close();
});

function client(options: { secretKey?: string; strictLocalEvaluation?: boolean }): PostHog {
  const { host, projectApiKey } = server;
  const times = { featureFlagsPollingInterval: null, featureFlagsRequestTimeoutMs: PATIENT_MS };
  const made = new PostHog(projectApiKey, { host, ...times, ...options });
  clients.push(made);
  return made;
}

type Reader = (key: string, context: EvaluationContext) => Promise<unknown>;

/** How posthog-node reads one flag: by the call that asks for one, and by a snapshot. */
const readers: Record<string, (posthog: PostHog) => Reader> = {
  getFeatureFlagResult:
    (posthog) =>
    async (key, { distinctId, ...context }) =>
      posthog.getFeatureFlagResult(key, distinctId, context as object),
  evaluateFlags:
    (posthog) =>
    async (key, { distinctId, ...context }) => {
      const options = { ...context, flagKeys: [key] } as object;
      return (await posthog.evaluateFlags(distinctId, options)).getFlag(key);
    },
};

/** What the server is sent while something is read. */
async function eventsOf(read: () => Promise<unknown>, flush: () => Promise<void>) {
  const before = server.events.length;
  await read();
  await flush();
  return server.events.slice(before);
}

async function theirEvent(
  how: string,
  [key, context]: [string, EvaluationContext],
  options: { strictLocalEvaluation?: boolean } = {},
): Promise<SentEvent> {
  const posthog = client({ secretKey: server.secretKey, ...options });
  expect(await posthog.waitForLocalEvaluationReady(PATIENT_MS)).toBe(true);
  const read = readers[how]!(posthog);
  const events = await eventsOf(
    () => read(key, context),
    () => posthog.flush(),
  );
  expect(events).toHaveLength(1);
  return events[0]!;
}

async function ourEvent(
  sink: ExposureSink,
  [key, context]: [string, EvaluationContext],
  isRemote = true,
): Promise<SentEvent> {
  const { host, projectApiKey, secretKey } = server;
  const { flags, app } = await startApp('Express', {
    options: {
      source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
      remote:
        isRemote && new PostHogRemoteEvaluator({ host, projectApiKey, timeoutMs: PATIENT_MS }),
      exposures: sink,
    },
  });
  const read = (service: FlagsService) => service.evaluate(key, context);
  const events = await eventsOf(
    () => read(flags),
    async () => {
      await app.close();
      await clients.at(-1)?.flush();
    },
  );
  expect(events).toHaveLength(1);
  return events[0]!;
}

/** Moments differ from run to run: that there is one must not. */
function withoutMoments({ properties }: SentEvent): object {
  const moments = ['$feature_flag_evaluated_at', '$feature_flag_definitions_loaded_at'];
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      const isOfNow = moments.includes(name) && Math.abs(Number(value) - Date.now()) < 60_000;
      return [name, isOfNow ? 'now' : value];
    }),
  );
}

/** What may differ: which library it is. Nothing else. */
function withoutLibrary(properties: object): object {
  const { $lib, $lib_version, ...others } = properties as Record<string, unknown>;
  expect([typeof $lib, typeof $lib_version]).toEqual(['string', 'string']);
  return others;
}

const sender = () => {
  const { host, projectApiKey } = server;
  return new PostHogExposureSender({ host, projectApiKey });
};

const reads: [string, EvaluationContext][] = [
  ['on', ada],
  ['on', inAcme],
  ['blue', ada],
  ['off', ada],
  ['staff', ada],
  ['staff', { ...ada, personProperties: { team: 'guests' } }],
  ['by-company', inAcme],
  ['by-company', ada],
  ['experiment', ada],
  ['no-experiment', ada],
  ['remote', inAcme],
  ['remote-off', ada],
  ['remote-bare', ada],
  ['no-such-flag', ada],
];

describe.each(Object.keys(readers))('an event as %s sends it', (how) => {
  it.each(reads)('of %s for %j is sent by us, but for the name of the library', async (...read) => {
    const theirs = withoutMoments(await theirEvent(how, read));
    const ours = await ourEvent(sender(), read);
    expect(withoutLibrary(withoutMoments(ours))).toEqual(withoutLibrary(theirs));
    expect([ours.event, ours.distinct_id]).toEqual(['$feature_flag_called', 'ada']);
    expect(Math.abs(Date.parse(ours.timestamp) - Date.now())).toBeLessThan(60_000);
    expect(ours.uuid).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(reads)('of %s for %j goes through posthogSink as it is', async (...read) => {
    const theirs = withoutMoments(await theirEvent(how, read));
    const ours = withoutMoments(await ourEvent(posthogSink(client({})), read));
    expect(ours).toEqual(theirs);
  });
});

describe('a small event', () => {
  it.each(['no-experiment', 'experiment', 'on', 'remote', 'remote-off'])(
    'of %s is small where theirs is',
    async (key) => {
      server.definitions = { ...definitions, minimal_flag_called_events: true };
      server.flags = () => ({ body: { ...answered, minimalFlagCalledEvents: true } });
      const theirs = withoutMoments(await theirEvent('getFeatureFlagResult', [key, inAcme]));
      const ours = withoutMoments(await ourEvent(sender(), [key, inAcme]));
      expect(withoutLibrary(ours)).toEqual(withoutLibrary(theirs));
      const isSmall = !Object.hasOwn(ours, `$feature/${key}`);
      expect(isSmall).toBe(['no-experiment', 'remote-off'].includes(key));
    },
  );

  it('is small by the word of what has decided it, and not of whoever spoke last', async () => {
    server.definitions = { ...definitions, minimal_flag_called_events: true };
    const { properties } = await ourEvent(sender(), ['remote-off', ada]);
    expect(properties).toHaveProperty('$feature/remote-off', false);
  });
});

/** Where we say more than posthog-node: the words are those of PostHog's Python SDK. */
describe('a difference', () => {
  it.each([
    ['the server could not compute all flags', { body: { ...answered, errorsWhileComputingFlags: true } }, 'remote-missing', 'errors_while_computing_flags,flag_missing', 'errors_while_computing_flags,flag_missing'], // prettier-ignore
    ['the server does not have the flag', { body: answered }, 'remote-missing', 'flag_missing', 'flag_missing'], // prettier-ignore
    ['the server fails', { status: 500 }, 'remote', 'unknown_error', 'api_error_500'],
    ['the server breaks off', { fault: 'refused' }, 'remote', 'unknown_error', 'connection_error'],
    ['the quota is used up', { body: { flags: {}, quotaLimited: ['feature_flags'] } }, 'remote', 'quota_limited,flag_missing', 'quota_limited'], // prettier-ignore
  ] as const)('in $feature_flag_error: when %s', async (_what, answer, key, theirs, ours) => {
    server.flags = () => answer;
    const they = withoutMoments(await theirEvent('getFeatureFlagResult', [key, ada]));
    const we = withoutMoments(await ourEvent(sender(), [key, ada]));
    expect(they).toHaveProperty('$feature_flag_error', theirs);
    expect(withoutLibrary(we)).toEqual({
      ...withoutLibrary(they),
      $feature_flag_error: ours,
    });
  });

  it('in none: a flag that nobody may be asked for, as a snapshot of theirs says it', async () => {
    const read: [string, EvaluationContext] = ['remote', ada];
    const strict = { strictLocalEvaluation: true };
    const they = withoutMoments(await theirEvent('evaluateFlags', read, strict));
    const we = withoutMoments(await ourEvent(sender(), read, false));
    expect(withoutLibrary(we)).toEqual(withoutLibrary(they));
    expect(we).toHaveProperty('$feature_flag_error', 'local_evaluation_inconclusive');
  });
});
