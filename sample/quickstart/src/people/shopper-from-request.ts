/**
 * Who is asking? This shop lets you choose, which is what a demonstration needs and a real app
 * must not do: there, take the id from the session or the token that your own authentication
 * has verified, e.g. `request.user.id`.
 */
import type { ExecutionContext } from '@nestjs/common';
import type { EvaluationContext } from 'nestjs-feature-flags';
import { people } from './people.js';

/** What this file reads of a request. */
export interface ShopRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
}

/** The context resolver of the module: `?as=grace` first, then the page's header, then its cookie. */
export function shopperOfContext(context: ExecutionContext): EvaluationContext {
  return shopperOf(context.switchToHttp().getRequest<ShopRequest>());
}

export function shopperOf(request: ShopRequest): EvaluationContext {
  const { as } = request.query;
  if (typeof as === 'string' && as !== '') return personOrStranger(as);
  const sent = text(request.headers['x-shopper']) ?? cookie(text(request.headers.cookie));
  return decode(sent) ?? personOrStranger('visitor-42');
}

/** A person of this shop by id, or somebody of whom only the id is known. */
function personOrStranger(distinctId: string): EvaluationContext {
  const person = people().find(({ shopper }) => shopper.distinctId === distinctId);
  return person?.shopper ?? { distinctId };
}

function text(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function cookie(header: string | undefined): string | undefined {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith('shopper='))?.slice('shopper='.length);
}

/** What the page has sent, or nothing when it is no shopper at all. */
function decode(encoded: string | undefined): EvaluationContext | undefined {
  if (encoded === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(decodeURIComponent(encoded));
    return isRecord(value) ? toShopper(value) : undefined;
  } catch {
    return undefined;
  }
}

function toShopper(value: Readonly<Record<string, unknown>>): EvaluationContext {
  const groups = Object.entries(record(value.groups)).map(([type, key]) => [type, String(key)]);
  const properties = Object.entries(record(value.groupProperties));
  return {
    distinctId: typeof value.distinctId === 'string' ? value.distinctId : '',
    personProperties: record(value.personProperties),
    groups: Object.fromEntries(groups),
    groupProperties: Object.fromEntries(properties.map(([type, of]) => [type, record(of)])),
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  isRecord(value) ? value : {};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
