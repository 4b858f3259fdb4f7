import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  DefinitionSourceAnswer,
  FetchFailure,
} from '../../lib/core/definitions/definition-source.js';
import { packageVersion } from '../../lib/posthog/package-version.js';
import { PostHogDefinitionSource } from '../../lib/posthog/posthog-definition-source.js';
import type { PostHogDefinitionSourceOptions } from '../../lib/posthog/posthog-definition-source.options.js';
import { DefinitionsServer } from '../support/definitions-server.js';
import type { ScriptedAnswer } from '../support/definitions-server.js';

const definitions = {
  flags: [{ key: 'beta', active: true, filters: { groups: [{ rollout_percentage: 50 }] } }],
  group_type_mapping: { 0: 'company' },
  cohorts: { 7: { type: 'AND', values: [{ key: 'plan', value: 'pro', type: 'person' }] } },
};

/** Parts of keys that must appear nowhere but in the request. */
const secretKey = 'phs_canary+secret/1';
const projectApiKey = 'phc_canary token&x=1';

let server: DefinitionsServer;

beforeEach(async () => {
  server = await new DefinitionsServer({
    definitions,
    secretKey,
    projectApiKey: projectApiKey.replace(' ', ''),
  }).start();
});

afterEach(() => server.close());

function sourceWith(options: Partial<PostHogDefinitionSourceOptions> = {}) {
  const { projectApiKey: token } = server;
  return new PostHogDefinitionSource({
    host: server.host,
    projectApiKey: token,
    secretKey,
    ...options,
  });
}

function ask(source: PostHogDefinitionSource, etag?: string): Promise<DefinitionSourceAnswer> {
  const signal = new AbortController().signal;
  return source.fetch(etag === undefined ? { signal } : { signal, etag });
}

async function failureOf(
  answer: Promise<DefinitionSourceAnswer>,
): Promise<FetchFailure & { cause?: Error & { code?: string } }> {
  const answered = await answer;
  if (answered.kind !== 'failed') throw new Error(`expected a failure, got ${answered.kind}`);
  return answered.failure as FetchFailure & { cause?: Error & { code?: string } };
}

describe('the request', () => {
  it('is the GET that PostHog documents, with its keys where they belong', async () => {
    await ask(sourceWith());
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/flags/definitions',
      query: [
        ['token', server.projectApiKey],
        ['send_cohorts', ''],
      ],
      headers: {
        authorization: `Bearer ${secretKey}`,
        accept: 'application/json',
        'user-agent': `nestjs-feature-flags/${packageVersion}`,
      },
    });
    expect(server.requests[0]?.headers).not.toHaveProperty('if-none-match');
  });

  it('repeats the etag byte for byte', async () => {
    await ask(sourceWith(), 'W/"\u00e9 odd  etag"');
    expect(server.requests[0]?.headers['if-none-match']).toBe('W/"\u00e9 odd  etag"');
  });

  it('leaves an etag out that no header can hold', async () => {
    const answer = await ask(sourceWith(), 'W/"broken\r\nin a cache"');
    expect(answer.kind).toBe('definitions');
    expect(server.requests[0]?.headers).not.toHaveProperty('if-none-match');
  });

  it('names the version that package.json names', async () => {
    const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
    expect(packageVersion).toBe((JSON.parse(text) as { version: string }).version);
  });

  it('goes below the path of a host that has one', async () => {
    await ask(sourceWith({ host: `${server.host}/ingest//` }));
    expect(server.requests[0]?.path).toBe('/ingest/flags/definitions');
  });

  it('takes the key from a function at each fetch, so that it can be rotated', async () => {
    let current = 'phs_old';
    const source = sourceWith({ secretKey: () => Promise.resolve(current) });
    expect((await failureOf(ask(source))).code).toBe('unauthorized');
    current = ` ${secretKey}\n`;
    expect((await ask(source)).kind).toBe('definitions');
  });

  it('goes through the fetch that was given', async () => {
    const urls: string[] = [];
    const source = sourceWith({
      fetch: (url, init) => {
        urls.push(url);
        return fetch(url, init);
      },
    });
    expect((await ask(source)).kind).toBe('definitions');
    expect(urls).toHaveLength(1);
  });
});

describe('an answer', () => {
  it('200 brings the definitions and their etag', async () => {
    expect(await ask(sourceWith())).toEqual({
      kind: 'definitions',
      body: definitions,
      etag: server.etag,
    });
  });

  it('200 without an etag brings none', async () => {
    server.next({ body: { flags: [] } });
    expect(await ask(sourceWith())).toEqual({ kind: 'definitions', body: { flags: [] } });
  });

  it('200 may be compressed', async () => {
    server.gzip = true;
    expect(await ask(sourceWith())).toMatchObject({ kind: 'definitions', body: definitions });
  });

  it('304 says that what one has is current', async () => {
    const source = sourceWith();
    expect(await ask(source, server.etag)).toEqual({ kind: 'not-modified', etag: server.etag });
    expect(server.requests[0]?.status).toBe(304);
    server.next({ status: 304 });
    expect(await ask(source, 'W/"x"')).toEqual({ kind: 'not-modified' });
  });

  it('304 to one who sent no etag is a failure: there is nothing that it could confirm', async () => {
    server.next({ status: 304 });
    expect(await failureOf(ask(sourceWith()))).toMatchObject({
      code: 'unexpected-status',
      status: 304,
    });
  });

  it('comes in full again when the definitions have changed', async () => {
    const source = sourceWith();
    const before = server.etag;
    server.definitions = { flags: [] };
    expect(await ask(source, before)).toMatchObject({ kind: 'definitions', etag: server.etag });
    expect(server.etag).not.toBe(before);
  });

  it.each<[number, FetchFailure['code'], RegExp]>([
    [401, 'unauthorized', /phs_….*phx_…/],
    [402, 'quota-exceeded', /quota/],
    [403, 'forbidden', /same project/],
    [429, 'rate-limited', /too often/],
    [500, 'server-error', /tried again/],
    [503, 'server-error', /tried again/],
    [599, 'server-error', /tried again/],
    [404, 'unexpected-status', /option host/],
    [204, 'unexpected-status', /option host/],
    [400, 'unexpected-status', /option host/],
  ])('%i is %s, says where and what to do', async (status, code, advice) => {
    server.next({ status });
    const failure = await failureOf(ask(sourceWith()));
    expect(failure).toMatchObject({ code, status });
    expect(failure.message).toMatch(advice);
    expect(failure.message).toContain(server.host);
    expect(failure.message).toContain(`HTTP ${status}`);
    expect(failure).not.toHaveProperty('retryAfterMs');
  });

  it('401 comes from the server for a wrong secret and for a wrong token', async () => {
    const wrongSecret = await failureOf(ask(sourceWith({ secretKey: 'phs_wrong' })));
    const wrongToken = await failureOf(ask(sourceWith({ projectApiKey: 'phc_wrong' })));
    expect([wrongSecret.code, wrongToken.code]).toEqual(['unauthorized', 'unauthorized']);
  });

  it.each<[string, ScriptedAnswer, number]>([
    ['seconds', { status: 429, headers: { 'retry-after': '120' } }, 120_000],
    [
      'a date, by the clock of the server',
      {
        status: 503,
        headers: {
          date: 'Sat, 21 Nov 2026 10:00:00 GMT',
          'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT',
        },
      },
      30_000,
    ],
  ])('passes Retry-After on: %s', async (_name, answer, retryAfterMs) => {
    server.next(answer);
    expect(await failureOf(ask(sourceWith()))).toMatchObject({ retryAfterMs });
  });
});

describe('an answer that is of no use', () => {
  it.each<[string, ScriptedAnswer, RegExp]>([
    [
      'a web page',
      { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>Sign in</html>' },
      /not JSON \(content type: text\/html\)/,
    ],
    ['nothing', { body: '' }, /not JSON \(content type: none\)/],
    ['JSON that was cut', { body: '{"flags":[{"key":"be' }, /not JSON/],
    ['bytes that are no UTF-8', { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, /not JSON/],
  ])('is refused: %s', async (_name, answer, why) => {
    server.next(answer);
    const failure = await failureOf(ask(sourceWith()));
    expect(failure).toMatchObject({ code: 'invalid-definitions', status: 200 });
    expect(failure.message).toMatch(why);
    expect(failure.message).not.toMatch(/Sign in|"be/);
  });

  it('is refused when it has no body at all', async () => {
    const source = sourceWith({ fetch: () => Promise.resolve(new Response(null)) });
    expect((await failureOf(ask(source))).code).toBe('invalid-definitions');
  });

  it('is refused when it is larger than maxBodyBytes, and read up to there', async () => {
    const body = JSON.stringify({ flags: [], filler: 'x'.repeat(2_000) });
    const source = sourceWith({ maxBodyBytes: body.length });
    server.next({ body }, { body: `${body} ` });
    expect((await ask(source)).kind).toBe('definitions');
    expect((await failureOf(ask(source))).message).toMatch(/more than 20\d\d bytes/);
  });

  it('is refused by its size after decompression, however small it came', async () => {
    const bomb = gzipSync(JSON.stringify({ flags: [], filler: ' '.repeat(50_000_000) }));
    server.next({ body: bomb, headers: { 'content-encoding': 'gzip' } });
    const before = process.memoryUsage().arrayBuffers;
    const failure = await failureOf(ask(sourceWith({ maxBodyBytes: 100_000 })));
    expect(failure).toMatchObject({ code: 'invalid-definitions' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });
});

describe('a fetch that does not go well', () => {
  it.each<[string, ScriptedAnswer['fault']]>([
    ['headers never come', 'no-headers'],
    ['the body never ends', 'no-end'],
  ])('ends at its deadline when %s', async (_name, fault) => {
    server.next({ ...(fault !== undefined && { fault }) });
    const failure = await failureOf(ask(sourceWith({ requestTimeoutMs: 80 })));
    expect(failure.code).toBe('timeout');
    expect(failure.message).toContain('80 ms');
    expect(failure.message).toContain(server.host);
  });

  it('counts the time that the function for the key takes', async () => {
    const source = sourceWith({ requestTimeoutMs: 50, secretKey: () => new Promise(() => {}) });
    expect((await failureOf(ask(source))).code).toBe('timeout');
    expect(server.requests).toEqual([]);
  });

  it('ends at its deadline even when the given fetch heeds no signal', async () => {
    const source = sourceWith({ requestTimeoutMs: 50, fetch: () => new Promise(() => {}) });
    expect((await failureOf(ask(source))).code).toBe('timeout');
  });

  it('aborts the request at its deadline', async () => {
    let signal: AbortSignal | null | undefined;
    const source = sourceWith({
      requestTimeoutMs: 50,
      fetch: (_url, init) => {
        signal = init.signal;
        return new Promise(() => {});
      },
    });
    await ask(source);
    expect(signal?.aborted).toBe(true);
  });

  it('ends at once when it is called off', async () => {
    server.next({ fault: 'no-headers' });
    const abort = new AbortController();
    const asked = sourceWith().fetch({ signal: abort.signal });
    abort.abort();
    const failure = await failureOf(asked);
    expect(failure.code).toBe('network');
    expect(failure.message).toContain('called off');
  });

  it('does not begin when it was called off before', async () => {
    const failure = await failureOf(sourceWith().fetch({ signal: AbortSignal.abort() }));
    expect(failure.message).toContain('called off');
    expect(server.requests).toEqual([]);
  });

  it('leaves no listener behind at a signal that lives long', async () => {
    const abort = new AbortController();
    let listeners = 0;
    const { signal } = abort;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await sourceWith().fetch({ signal });
    expect(listeners).toBe(0);
  });

  it.each<[string, ScriptedAnswer['fault']]>([
    ['refused', 'refused'],
    ['cut in the middle of the body', 'cut'],
  ])('is a failure of the network when the connection is %s', async (_name, fault) => {
    server.next({ ...(fault !== undefined && { fault }) });
    const failure = await failureOf(ask(sourceWith()));
    expect(failure.code).toBe('network');
    expect(failure.message).toContain(server.host);
  });

  it('says why there is no connection', async () => {
    const { host } = server;
    const source = sourceWith();
    await server.close();
    const failure = await failureOf(ask(source));
    expect(failure.code).toBe('network');
    expect(failure.message).toContain(host);
    expect(failure.message).toContain('ECONNREFUSED');
    expect(failure.cause?.code).toBe('ECONNREFUSED');
    server = await new DefinitionsServer().start();
  });

  it.each([301, 302, 307, 308])('follows no redirect (%i), so the key stays', async (status) => {
    const other = await new DefinitionsServer({ definitions }).start();
    server.next({ status, headers: { location: `${other.host}/flags/definitions` } });
    const failure = await failureOf(ask(sourceWith()));
    await other.close();
    expect(failure.code).toBe('network');
    expect(failure.message).toContain('redirect');
    expect(other.requests).toEqual([]);
  });

  it.each<[string, () => string | Promise<string>, FetchFailure['code'], RegExp]>([
    ['throws', () => fail(new Error('canary in the vault')), 'network', /failed/],
    ['rejects', () => Promise.reject(new Error('canary')), 'network', /failed/],
    ['gives nothing', () => undefined as unknown as string, 'unauthorized', /is missing/],
    ['gives a blank', () => '  ', 'unauthorized', /is blank/],
    ['gives a public key', () => 'phc_canary', 'unauthorized', /public project API key/],
    ['gives two lines', () => 'phs_canary\r\nx-evil: 1', 'unauthorized', /line breaks/],
  ])('asks nobody when the function for the key %s', async (_name, read, code, why) => {
    const failure = await failureOf(ask(sourceWith({ secretKey: read })));
    expect(failure.code).toBe(code);
    expect(failure.message).toMatch(why);
    expect(server.requests).toEqual([]);
    expect(inspect(failure, { depth: 9 })).not.toContain('canary');
  });
});

describe('the keys', () => {
  const everythingOf = (value: unknown): string =>
    [inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value), String(value)].join(
      '\n',
    );

  it('are shown neither by inspect nor by JSON', () => {
    const source = sourceWith({ fetch: (url, init) => fetch(url, init) });
    expect(everythingOf(source)).not.toContain('canary');
    const { identity } = source;
    expect(identity).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.parse(JSON.stringify(source))).toEqual({ description: server.host, identity });
    expect(Object.keys(source)).toEqual(['description', 'identity']);
  });

  it.each<[string, ScriptedAnswer]>([
    ['401', { status: 401, body: { detail: `no: ${secretKey}` } }],
    ['500', { status: 500, body: `failed for ${secretKey}` }],
    ['a page', { body: `<p>${secretKey}</p>`, headers: { 'content-type': secretKey } }],
    ['a cut body', { fault: 'cut' }],
    ['a redirect', { status: 302, headers: { location: `http://x.invalid/?${secretKey}` } }],
  ])('are in no failure: %s', async (_name, answer) => {
    server.next(answer);
    const failure = await failureOf(ask(sourceWith()));
    expect(everythingOf(failure)).not.toContain('canary');
  });

  it('are in no failure even when nothing in them looks like a key of PostHog', async () => {
    const source = sourceWith({
      projectApiKey: 'old&canary',
      secretKey: 'own/canary',
      fetch: (url, init) => Promise.reject(new Error(`${url} ${JSON.stringify(init.headers)}`)),
    });
    const failure = await failureOf(ask(source));
    expect(failure.message).toContain('token=[key]&send_cohorts');
    expect(everythingOf(failure)).not.toContain('canary');
  });

  it.each<[string, unknown]>([
    ['its message', (url: string, key: string) => new Error(`bad ${url} with ${key}`)],
    ['a cause', (url: string, key: string) => new Error('x', { cause: new Error(key + url) })],
    ['a field', (_url: string, key: string) => Object.assign(new Error('x'), { headers: key })],
    ['a bare text', (url: string, key: string) => `${url} ${key}`],
    ['nothing', () => undefined],
  ])('are in no failure of a fetch that prints them in %s', async (_name, errorOf) => {
    const throwing = errorOf as (url: string, key: string) => unknown;
    const source = sourceWith({
      fetch: (url, init) => {
        const headers = init.headers as Record<string, string>;
        return Promise.reject(throwing(url, headers['authorization'] ?? ''));
      },
    });
    const failure = await failureOf(ask(source));
    expect(failure.code).toBe('network');
    expect(everythingOf(failure)).not.toContain('canary');
  });
});

function fail(error: Error): never {
  throw error;
}
