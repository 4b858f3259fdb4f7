import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PostHog } from 'posthog-node';
import { parseDefinitions } from '../../lib/core/definitions/parse-definitions.js';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import type { RecordedRequest } from '../support/definitions-server.js';
import { planted } from '../support/planted.js';

const definitions = {
  flags: [
    { id: 1, key: 'everybody', active: true, filters: { groups: [{ rollout_percentage: 100 }] } },
    { id: 2, key: 'nobody', active: false, filters: { groups: [{ rollout_percentage: 100 }] } },
  ],
  group_type_mapping: { 0: 'company' },
  cohorts: { 7: { type: 'AND', values: [] } },
  minimal_flag_called_events: true,
  property_matching_version: 2,
  new_field: 'of tomorrow',
};

let server: DefinitionsServer;
let client: PostHog;
let stored: unknown;

beforeEach(async () => {
  stored = undefined;
  server = await new DefinitionsServer({ definitions }).start();
  client = new PostHog(server.projectApiKey, {
    host: server.host,
    secretKey: server.secretKey,
    featureFlagsPollingInterval: 60_000,
    flagDefinitionCacheProvider: {
      shouldFetchFlagDefinitions: () => true,
      getFlagDefinitions: () => undefined,
      onFlagDefinitionsReceived: (data) => {
        stored = data;
      },
      shutdown: () => undefined,
    },
  });
});

afterEach(async () => {
  await client.shutdown();
  await server.close();
});

/** What the server acts upon. */
function essenceOf(request: RecordedRequest | undefined): object {
  const { authorization, 'if-none-match': ifNoneMatch } = request?.headers ?? {};
  const { method, path, query, status } = request ?? {};
  return { method, path, query, authorization, ifNoneMatch, status };
}

describe('the real posthog-node and our source, at one server', () => {
  it('ask for definitions with the same request, first and conditionally', async () => {
    expect(await client.waitForLocalEvaluationReady(60_000)).toBe(true);
    // A reload that is asked for while a load still ends joins that load.
    while (server.definitionRequests.length < 2) await client.reloadFeatureFlags();
    const [nodeFirst, nodeSecond] = server.definitionRequests;

    const source = new PostHogDefinitionSource({
      host: server.host,
      projectApiKey: server.projectApiKey,
      secretKey: server.secretKey,
    });
    const { signal } = new AbortController();
    const answer = await source.fetch({ signal });
    const etag = answer.kind === 'definitions' ? (answer.etag ?? '') : '';
    await source.fetch({ signal, etag });
    const [ourFirst, ourSecond] = server.definitionRequests.slice(2);

    expect(essenceOf(ourFirst)).toEqual(essenceOf(nodeFirst));
    expect(essenceOf(ourSecond)).toEqual(essenceOf(nodeSecond));
    expect(essenceOf(ourFirst)).toMatchObject({ status: 200, ifNoneMatch: undefined });
    expect(essenceOf(ourSecond)).toMatchObject({ status: 304, ifNoneMatch: server.etag });
  });

  it('come to the same document, ours with the fields that posthog-node drops', async () => {
    expect(await client.waitForLocalEvaluationReady(60_000)).toBe(true);
    const parsed = parseDefinitions(structuredClone(definitions));
    expect(parsed).toEqual({
      ok: true,
      issues: [],
      definitions: { ...(stored as object), new_field: 'of tomorrow' },
    });
  });

  it('understand one another: posthog-node evaluates what the server gives both', async () => {
    expect(await client.waitForLocalEvaluationReady(60_000)).toBe(true);
    const flags = await client.evaluateFlags('somebody', { onlyEvaluateLocally: true });
    expect(flags.isEnabled('everybody')).toBe(true);
    expect(flags.isEnabled('nobody')).toBe(false);
  });

  it('are refused alike with a wrong secret', async () => {
    server.secretKey = 'phs_rotated';
    await client.reloadFeatureFlags().catch(() => undefined);
    const source = new PostHogDefinitionSource({
      host: server.host,
      projectApiKey: server.projectApiKey,
      secretKey: planted.secretKey,
    });
    const answer = await source.fetch({ signal: new AbortController().signal });
    expect(answer).toMatchObject({ kind: 'failed', failure: { code: 'unauthorized' } });
    expect(server.definitionRequests.map(({ status }) => status).slice(-2)).toEqual([401, 401]);
  });
});
