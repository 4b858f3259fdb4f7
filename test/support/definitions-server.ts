/**
 * A local HTTP server that speaks PostHog's definitions endpoint to the letter, for tests of
 * whoever fetches definitions: our source, and the real posthog-node.
 *
 *   const server = new DefinitionsServer({ definitions });
 *   await server.start();                  // http, port 0 of the loopback
 *   … server.host, server.projectApiKey, server.secretKey …
 *   server.definitions = other;            // another etag from now on
 *   server.next({ status: 503 });          // the next request only; further calls queue up
 *   server.intercept = async (request) => …  // an answer instead of the proper one, when it likes
 *   server.requests.at(-1)?.headers        // what came in, in order
 *   await server.close();                  // also ends what hangs
 *
 * What it does with `GET /flags/definitions?token=…&send_cohorts`
 * - 401 without the bearer secret or with a token that is not the project's
 * - 200 with the definitions, a weak etag `W/"…"` of their content, and
 *   `Cache-Control: private, must-revalidate`; the cohorts only when `send_cohorts` is asked for
 * - 304 with the etag when `If-None-Match` is that etag, byte for byte
 * - whatever `next` has in its queue, before all of that (only the log comes first)
 * - `POST /flags/` is answered by `flags`, a function of what was asked; by default with no flags
 *   at all, so that posthog-node is content
 * - `POST /batch/` is answered by `batch`, by default as taken; `events` are those that were taken
 * Other paths: 404, another method 405. All are logged.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { planted } from './planted.js';

/** One request as it came in, and how it was answered. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** In order, decoded; a bare name has an empty value. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: IncomingHttpHeaders;
  /** The JSON that was posted; undefined where none was. */
  readonly body: unknown;
  /** Undefined while nothing was answered. */
  status: number | undefined;
}

/** One event of a batch. */
export interface SentEvent {
  readonly event: string;
  readonly distinct_id: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
  readonly uuid: string;
}

/** Answers a request for definitions in place of the server; undefined: properly, after all. */
export type Intercept = (request: RecordedRequest) => Promise<ScriptedAnswer | undefined>;

/** How one request is answered instead of properly. */
export interface ScriptedAnswer {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, text and bytes as they are. @default the definitions, for a 200 */
  readonly body?: object | string | Buffer;
  /** Compresses the body and says so. */
  readonly gzip?: boolean;
  /**
   * `no-headers`: the request is taken and never answered.
   * `no-end`: headers and half of the body are sent, and then nothing more.
   * `cut`: headers and half of the body are sent, then the connection is destroyed.
   * `refused`: the connection is destroyed at once.
   */
  readonly fault?: 'no-headers' | 'no-end' | 'cut' | 'refused';
}

export interface DefinitionsServerOptions {
  readonly definitions?: object;
  /** @default planted */
  readonly projectApiKey?: string;
  /** @default planted */
  readonly secretKey?: string;
}

export class DefinitionsServer {
  /** What is served. Assign to change it. */
  definitions: object;
  /** What the bearer must be. Assign to rotate it. */
  secretKey: string;
  /** Compresses every good answer. */
  gzip = false;
  /** Stands before what is proper, and behind what `next` has in its queue. */
  intercept: Intercept | undefined;
  /** Answers a question for evaluated flags. */
  flags: (question: Readonly<Record<string, unknown>>) => ScriptedAnswer | Promise<ScriptedAnswer> =
    () => ({ body: { flags: {}, errorsWhileComputingFlags: false } });
  /** Answers a batch of events. */
  batch: (body: unknown) => ScriptedAnswer | Promise<ScriptedAnswer> = () => ({
    body: { status: 1 },
  });
  readonly projectApiKey: string;
  /** Everything that came in, in order. */
  readonly requests: RecordedRequest[] = [];
  private readonly script: ScriptedAnswer[] = [];
  private readonly server: Server;

  constructor(options: DefinitionsServerOptions = {}) {
    this.definitions = options.definitions ?? { flags: [], group_type_mapping: {}, cohorts: {} };
    this.projectApiKey = options.projectApiKey ?? planted.projectApiKey;
    this.secretKey = options.secretKey ?? planted.secretKey;
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  /** @param port a free one unless it is named. */
  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  /** Stops listening and destroys the connections that are still open. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }

  /** `http://127.0.0.1:port` */
  get host(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The etag of what is served now. */
  get etag(): string {
    const hash = createHash('sha256').update(JSON.stringify(this.definitions)).digest('hex');
    return `W/"${hash.slice(0, 32)}"`;
  }

  /** The requests for definitions, in order. */
  get definitionRequests(): RecordedRequest[] {
    return this.requests.filter(({ path }) => path === DEFINITIONS_PATH);
  }

  /** The questions for evaluated flags, in order. */
  get flagRequests(): RecordedRequest[] {
    return this.requests.filter(({ path }) => path === FLAGS_PATH);
  }

  /** The batches of events, in order. */
  get batchRequests(): RecordedRequest[] {
    return this.requests.filter(({ path }) => path === BATCH_PATH);
  }

  /** The events of the batches that were taken, in order. */
  get events(): SentEvent[] {
    const taken = this.batchRequests.filter(({ status }) => status === 200);
    return taken.flatMap(({ body }) => (body as { batch: SentEvent[] }).batch);
  }

  /** Scripts the answer to the next request for definitions; called again, to the one after. */
  next(...answers: ScriptedAnswer[]): this {
    this.script.push(...answers);
    return this;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await jsonOf(request);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: [...url.searchParams],
      headers: request.headers,
      body,
      status: undefined,
    };
    this.requests.push(recorded);
    response.on('finish', () => (recorded.status = response.statusCode));
    const scripted =
      recorded.path === DEFINITIONS_PATH
        ? (this.script.shift() ?? (await this.intercept?.(recorded)))
        : undefined;
    if (recorded.path === FLAGS_PATH && recorded.method === 'POST') {
      const question = Object(recorded.body) as Readonly<Record<string, unknown>>;
      return send(response, await this.flags(question));
    }
    if (recorded.path === BATCH_PATH && recorded.method === 'POST') {
      return send(response, await this.batch(recorded.body));
    }
    send(response, this.withDefaults(scripted ?? this.properAnswer(recorded, url)));
  }

  private properAnswer(request: RecordedRequest, url: URL): ScriptedAnswer {
    if (request.path !== DEFINITIONS_PATH) return problem(404, 'not_found');
    if (request.method !== 'GET') return problem(405, 'method_not_allowed');
    const isAuthentic =
      request.headers.authorization === `Bearer ${this.secretKey}` &&
      url.searchParams.get('token') === this.projectApiKey;
    if (!isAuthentic) return problem(401, 'authentication_error');
    const headers = { etag: this.etag, 'cache-control': 'private, must-revalidate' };
    if (request.headers['if-none-match'] === this.etag) return { status: 304, headers, body: '' };
    const body = url.searchParams.has('send_cohorts')
      ? this.definitions
      : { ...this.definitions, cohorts: {} };
    return { status: 200, headers, body, gzip: this.gzip };
  }

  /** A scripted 200 without a body of its own is a good answer that only travels badly. */
  private withDefaults(answer: ScriptedAnswer): ScriptedAnswer {
    const status = answer.status ?? 200;
    if (answer.body !== undefined || status !== 200) return answer;
    return { ...answer, headers: { etag: this.etag, ...answer.headers }, body: this.definitions };
  }
}

const DEFINITIONS_PATH = '/flags/definitions';
const FLAGS_PATH = '/flags/';
const BATCH_PATH = '/batch/';

/** Events may come compressed; what is no JSON is undefined. */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  try {
    const bytes = await buffer(request);
    const isCompressed = request.headers['content-encoding'] === 'gzip';
    return JSON.parse((isCompressed ? gunzipSync(bytes) : bytes).toString()) as unknown;
  } catch {
    return undefined;
  }
}

function problem(status: number, type: string): ScriptedAnswer {
  return { status, body: { type, code: type, detail: type, attr: null } };
}

function send(response: ServerResponse, answer: ScriptedAnswer): void {
  if (answer.fault === 'no-headers') return;
  if (answer.fault === 'refused') {
    response.destroy();
    return;
  }
  const { body = '' } = answer;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const plain = isJson ? Buffer.from(JSON.stringify(body)) : Buffer.from(body as string | Buffer);
  const bytes = answer.gzip === true ? gzipSync(plain) : plain;
  const status = answer.status ?? 200;
  response.writeHead(status, {
    ...(isJson && { 'content-type': 'application/json' }),
    ...(answer.gzip === true && { 'content-encoding': 'gzip' }),
    ...(status !== 304 && { 'content-length': String(bytes.length) }),
    ...answer.headers,
  });
  if (answer.fault === undefined) {
    response.end(bytes);
    return;
  }
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  response.write(half, () => {
    if (answer.fault === 'cut') response.destroy();
  });
}
