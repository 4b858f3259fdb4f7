/** Headers of caching, in every way in which Node lets a response write its headers. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { keepOutOfCaches } from '../../lib/request/private-response.js';

type Answering = (response: ServerResponse) => void;

const cacheable = { 'cache-control': 'public', 'CDN-Cache-Control': 'max-age=9', Expires: 'never', 'x-own': '1' }; // prettier-ignore
/** One after the other: over HTTP/2 `setHeader` gives nothing back. */
const set = (response: ServerResponse, headers: object): ServerResponse => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
  return response;
};
const ways: [string, Answering][] = [
  ['does not say a word', (response) => response.end()],
  ['sets headers', (response) => set(response, { ...cacheable, 'Surrogate-Control': 'max-age=9', 'X-Accel-Expires': '9', 'Edge-Control': 'max-age=9', 'X-LiteSpeed-Cache-Control': 'public', 'Akamai-Cache-Control': 'max-age=9' }).end()], // prettier-ignore
  ['writes headers', (response) => response.writeHead(200, cacheable).end()],
  ['writes headers with a message', (response) => response.writeHead(200, 'Fine', cacheable).end()],
  ['sets and writes headers', (response) => set(response, { expires: '9' }).writeHead(200, cacheable).end()], // prettier-ignore
  ['begins with the body', (response) => set(response, cacheable).end('x')],
  ['flushes headers', (response) => { set(response, cacheable).flushHeaders(); response.end(); }], // prettier-ignore
];
const lists: [string, Answering][] = [
  ['writes headers as a list', (response) => response.writeHead(200, ['Cache-Control', 'public', 'x-own', '1', 'Set-Cookie', ['a=1', 'b=2']]).end()], // prettier-ignore
  ['writes headers as a list of lists of values', (response) => response.writeHead(200, ['Cache-Control', ['public', 'immutable'], 'x-own', '1']).end()], // prettier-ignore
];

const aboutCaching = /cache-control|expires|surrogate|edge-control/i;

function expectPrivate(headers: NodeJS.Dict<string | string[]>): void {
  const told = Object.entries(headers).filter(([name]) => aboutCaching.test(name));
  expect(told).toEqual([['cache-control', 'private, no-store']]);
}

/** Answers one request of HTTP/1, and gives back its headers. */
async function headersOf(answer: Answering): Promise<NodeJS.Dict<string | string[]>> {
  const server = createServer((_request: IncomingMessage, response) => answer(response)).listen(0);
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { headers } = await fetch(`http://127.0.0.1:${port}`);
    return Object.fromEntries(headers);
  } finally {
    server.close();
  }
}

async function headersOfHttp2(answer: Answering): Promise<NodeJS.Dict<string | string[]>> {
  const server = createHttp2Server((_request, response: Http2ServerResponse) => answer(response as never)); // prettier-ignore
  server.listen(0);
  await once(server, 'listening');
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    const stream = client.request({ ':path': '/' });
    const [headers] = (await once(stream, 'response')) as [NodeJS.Dict<string | string[]>];
    stream.close();
    return headers;
  } finally {
    client.close();
    server.close();
  }
}

const privately =
  (answer: Answering): Answering =>
  (response) => {
    expect(keepOutOfCaches(response)).toBe(true);
    answer(response);
  };

describe('a response that is kept out of caches', () => {
  it.each([...ways, ...lists])('is so where the handler %s', async (_what, answer) => {
    const headers = await headersOf(privately(answer));
    expectPrivate(headers);
    expect(headers['x-own']).toBe((await headersOf(answer))['x-own']);
  });

  it.each(ways)('is so over HTTP/2 where the handler %s', async (_what, answer) => {
    expectPrivate(await headersOfHttp2(privately(answer)));
  });

  it('is so where somebody has waited for the headers to be written', async () => {
    const headers = await headersOf((response) => {
      const writeHead = response.writeHead.bind(response) as (
        ...given: unknown[]
      ) => ServerResponse;
      response.writeHead = (...given: unknown[]) => {
        response.removeHeader('Cache-Control');
        set(response, cacheable).appendHeader('Cache-Control', 'immutable');
        return writeHead(...given);
      };
      privately((kept) => kept.end())(response);
    });
    expectPrivate(headers);
    expect(headers['x-own']).toBe('1');
  });

  it('keeps the other headers, cookies among them', async () => {
    const headers = await headersOf(privately(lists[0]![1]));
    expect(headers['set-cookie']).toBeDefined();
  });

  it('cannot be one whose headers are sent', async () => {
    let answered: boolean | undefined;
    const headers = await headersOf((response) => {
      response.writeHead(200, { 'Cache-Control': 'public' }).flushHeaders();
      answered = keepOutOfCaches(response);
      response.end();
    });
    expect(answered).toBe(false);
    expect(headers['cache-control']).toBe('public');
  });

  it('may be something that has no headers', () => {
    expect(keepOutOfCaches({})).toBe(true);
  });
});
