/**
 * Keeps a response out of caches, whatever the handler says of it: a page with an override that a
 * CDN has stored would be everybody's page. The last word is spoken when the headers are written,
 * since handlers, interceptors and Fastify set theirs until then.
 */
import { hasMethod } from '../core/given/given-value.js';

/** As much of Node's response as is needed. */
interface HeadedResponse {
  readonly headersSent: boolean;
  getHeaderNames(): string[];
  setHeader(name: string, ...value: unknown[]): unknown;
  /** Missing over HTTP/2 in older versions of Node. */
  appendHeader?(name: string, ...value: unknown[]): unknown;
  removeHeader(name: string): unknown;
  writeHead(...given: unknown[]): unknown;
}

const NAME = 'Cache-Control';
const VALUE = 'private, no-store';
/** What some caches heed before `Cache-Control`: CDNs (each its own), nginx, LiteSpeed, Akamai. */
const aboutCaching = /^(([\w-]+-)?cache-control|expires|x-accel-expires|surrogate-control|edge-control)$/i; // prettier-ignore

/** @returns false where it is too late: the headers are on their way. */
export function keepOutOfCaches(response: object): boolean {
  if (!isHeaded(response)) return true;
  if (response.headersSent) return false;
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...given) => {
    if (!response.headersSent) {
      for (const name of response.getHeaderNames().filter(isAboutCaching)) {
        response.removeHeader(name);
      }
      response.setHeader(NAME, VALUE);
      settle(response);
    }
    return writeHead(...given.map(withoutCaching));
  };
  return true;
}

/** Whoever else waits for this moment, as middleware for compression does, changes nothing of it. */
function settle(response: HeadedResponse): void {
  for (const name of ['setHeader', 'appendHeader', 'removeHeader'] as const) {
    const change = response[name]?.bind(response);
    if (change === undefined) continue;
    response[name] = (header: string, ...value: unknown[]) =>
      isAboutCaching(header) ? response : change(header, ...value);
  }
}

/** Of the arguments of `writeHead` the headers: an object, or a list of names and values in turn. */
function withoutCaching(argument: unknown): unknown {
  if (Array.isArray(argument)) return pairsWithoutCaching(argument);
  if (typeof argument !== 'object' || argument === null) return argument;
  return Object.fromEntries(Object.entries(argument).filter(([name]) => !isAboutCaching(name)));
}

function pairsWithoutCaching(list: readonly unknown[]): readonly unknown[] {
  const isNested = Array.isArray(list[0]);
  return list.filter((item, at) => {
    const name: unknown = isNested ? (item as readonly unknown[])[0] : list[at - (at % 2)];
    return !isAboutCaching(name);
  });
}

function isAboutCaching(name: unknown): boolean {
  return typeof name === 'string' && aboutCaching.test(name);
}

function isHeaded(response: object): response is HeadedResponse {
  const methods = ['getHeaderNames', 'setHeader', 'removeHeader', 'writeHead'];
  return methods.every((name) => hasMethod(response, name));
}
