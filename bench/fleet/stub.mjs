/**
 * PostHog's endpoint for definitions: etag and 304, a latency, a content that changes when told,
 * and a memory of who asked when. It can keep an instance waiting, as a slow fetch does.
 */
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { definitionsOf } from './definitions.mjs';
import { nowMs } from './now.mjs';

/**
 * @typedef {object} Fetch
 * @property {string} name which instance asked
 * @property {number} atMs
 * @property {number} status 200 or 304; 0 while it is kept waiting
 */

/** @typedef {{ atMs: number, answeredAtMs: number | undefined }} Change */

const LATENCY_MS = 100;

/** Emits `fetch` with each {@link Fetch} as it arrives. */
export class PostHogStub extends EventEmitter {
  /** @type {Fetch[]} */
  fetches = [];
  /** By content: when it became what the stub serves, and when it was first answered. @type {Map<string, Change>} */
  changes = new Map();
  /** Whose fetches get no answer. @type {(fetch: Fetch) => boolean} */
  holds = () => false;
  #content = 0;
  #body = '';
  #server = createServer((request, response) => this.#answer(request, response));

  static async start() {
    const stub = new PostHogStub();
    stub.#server.listen(0, '127.0.0.1');
    await once(stub.#server, 'listening');
    stub.change();
    return stub;
  }

  get host() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The stub has no port.');
    return `http://127.0.0.1:${address.port}`;
  }

  /** What the witness flag is to be evaluated to. */
  get content() {
    return `content-${this.#content}`;
  }

  get bodyBytes() {
    return Buffer.byteLength(this.#body);
  }

  change() {
    this.#content += 1;
    this.#body = JSON.stringify(definitionsOf(this.content));
    this.changes.set(this.content, { atMs: nowMs(), answeredAtMs: undefined });
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   */
  #answer(request, response) {
    request.resume();
    if (!request.url?.startsWith('/flags/definitions')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      return;
    }
    const name = request.headers.authorization?.replace('Bearer phs_', '') ?? '';
    const fetch = { name, atMs: nowMs(), status: 0 };
    this.fetches.push(fetch);
    this.emit('fetch', fetch);
    if (this.holds(fetch)) return;
    setTimeout(() => this.#send(request, response, fetch), LATENCY_MS);
  }

  /**
   * @param {import('node:http').IncomingMessage} request
   * @param {import('node:http').ServerResponse} response
   * @param {Fetch} fetch
   */
  #send(request, response, fetch) {
    const { content } = this;
    const etag = `W/"${content}"`;
    fetch.status = request.headers['if-none-match'] === etag ? 304 : 200;
    if (fetch.status === 304) {
      response.writeHead(304, { etag }).end();
      return;
    }
    response.writeHead(200, { etag, 'content-type': 'application/json' });
    const change = this.changes.get(content);
    if (change !== undefined) change.answeredAtMs ??= nowMs();
    response.end(this.#body);
  }
}
