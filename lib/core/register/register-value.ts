/**
 * A register's value as JSON: what a file, an item or a key holds. It is read with suspicion, for
 * anybody may have written there: what is not of this form counts as nothing, so that the next
 * claim writes it anew.
 */
import { jsonObjectIn } from '../given/json-text.js';
import {
  emptyClaimState,
  type ClaimState,
  type LeaseState,
  type StoredRecord,
} from '../coordination/claim-state.js';
import { HIGHEST_STORED } from '../coordination/whole-number.js';
import type { RegisterValue } from './register.js';

/** Nothing ever happened. */
export const emptyRegisterValue: RegisterValue = {
  state: emptyClaimState,
  writtenAt: 0,
  instances: 0,
};

const numbers = [
  'token',
  'leaseEndsAt',
  'dueAt',
  'notBeforeAt',
  'finishedAt',
  'floor',
  'failuresInARow',
  'verifiedToken',
  'verifiedAt',
] as const satisfies readonly (keyof ClaimState)[];

const texts = ['holder', 'leader', 'reason'] as const satisfies readonly (keyof ClaimState)[];

/** Bodies that never expire are written with the expiry 0. */
export function registerValueToJson({ state, writtenAt, instances }: RegisterValue): string {
  const { members: _members, bodies, ...facts } = state;
  const expiries = [...bodies].map(([revision, at]) => [revision, at === Infinity ? 0 : at]);
  return JSON.stringify({ writtenAt, instances, ...facts, bodies: expiries });
}

/** Undefined for anything that {@link registerValueToJson} did not write. */
export function registerValueFromJson(json: string): RegisterValue | undefined {
  const value = jsonObjectIn(json);
  if (value === undefined) return undefined;
  const { writtenAt, instances, record, bodies, lease } = value;
  const isWhole =
    isCount(writtenAt) &&
    isCount(instances) &&
    numbers.every((name) => isCount(value[name])) &&
    texts.every((name) => value[name] === undefined || typeof value[name] === 'string');
  const expiries = bodiesFrom(bodies);
  if (!isWhole || expiries === undefined) return undefined;
  const stored = record === undefined ? undefined : recordFrom(record);
  if (record !== undefined && stored === undefined) return undefined;
  const facts = Object.fromEntries([...numbers, ...texts].map((name) => [name, value[name]]));
  const led = leaseFrom(lease);
  const leading = led === undefined ? {} : { lease: led };
  const state = { ...emptyClaimState, ...facts, ...leading, record: stored, bodies: expiries };
  return { state, writtenAt, instances };
}

/** One that is not whole is none: nobody has it, and the next to ask writes it anew. */
function leaseFrom(value: unknown): LeaseState | undefined {
  const { owner, takenAt, leaseMs, token } = Object(value) as Partial<
    Record<keyof LeaseState, unknown>
  >;
  if (!isCount(takenAt) || !isCount(leaseMs) || !isCount(token)) return undefined;
  return { owner: typeof owner === 'string' ? owner : undefined, takenAt, leaseMs, token };
}

function recordFrom(value: unknown): StoredRecord | undefined {
  const { schema, revision, digest, etag, codec, sizeBytes } = Object(value) as Partial<
    Record<keyof StoredRecord, unknown>
  >;
  if (!isCount(schema) || !isCount(revision) || !isCount(sizeBytes)) return undefined;
  if (typeof digest !== 'string' || typeof codec !== 'string') return undefined;
  return {
    schema,
    revision,
    digest,
    etag: typeof etag === 'string' ? etag : undefined,
    codec,
    sizeBytes,
  };
}

function bodiesFrom(value: unknown): Map<number, number> | undefined {
  if (!Array.isArray(value)) return undefined;
  const bodies = new Map<number, number>();
  for (const entry of value as unknown[]) {
    const [revision, at] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (!isCount(revision) || !isCount(at)) return undefined;
    bodies.set(revision, at === 0 ? Infinity : at);
  }
  return bodies;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= HIGHEST_STORED;
}
