/** Looks and ends at random, with numbers that mean something to the place and some beyond sense. */
import type { NewRecord } from '../../core/cache/definition-record.js';
import type { ClaimState } from '../../core/coordination/claim-state.js';
import type { CheckRequest, ClaimResult } from '../../core/coordination/claim-store.js';
import type { SeededRandom } from './seeded-random.js';

const names = ['a', 'b', 'c', 'd'] as const;

export function someName(random: SeededRandom): string {
  return random.pick(...names);
}

export function someRevision(random: SeededRandom, state: ClaimState, nowMs: number): number {
  const { token, record, floor } = state;
  const stored = record?.revision ?? 0;
  const known = random.pick(0, stored, token, token - 1, token + 1, floor, nowMs + 500);
  return Math.max(0, random.pick(known, known, known, known, known, known, 2 ** 51 + 1, 2 ** 60));
}

export function someRequest(random: SeededRandom, state: ClaimState, nowMs: number): CheckRequest {
  const { record } = state;
  const held = random.pick(0, record?.revision ?? 0);
  return {
    instance: someName(random),
    revision: random.pick(held, held, held, someRevision(random, state, nowMs)),
    digest: random.pick(undefined, record?.digest, 'another'),
    token: someRevision(random, state, nowMs),
    floor: random.pick(0, 0, 0, held, someRevision(random, state, nowMs)),
    kick: random.next() < 0.2,
    graceMs: random.pick(0, 5_000),
    sitOutMs: random.pick(0, 0, 0, 60_000.4),
    leaseMs: random.pick(12_000, 12_000, 1_000),
    longestDueMs: random.pick(1_200_000, 1_200_000, 60_000),
    shortestGapMs: random.pick(5_000, 0, 20_000),
    memberTtlMs: random.pick(60_000, 1_000),
    ageMs: random.pick(undefined, 0, 12.5, 90_000),
  };
}

export function someResult(random: SeededRandom, record: NewRecord): ClaimResult {
  const nextDueMs = random.pick(30_000, 30_000, 1_000, 0, -5, 0.5, 299_999.6, 2e6);
  const notBeforeMs = random.pick(undefined, 0, 45_000);
  const wish = notBeforeMs === undefined ? {} : { notBeforeMs };
  const reason = random.pick('network', 'http');
  const isNew: ClaimResult = { kind: 'new', record, nextDueMs };
  const isSame: ClaimResult = { kind: 'same', etag: random.pick(undefined, '', '"e"'), nextDueMs };
  return random.pick<ClaimResult>(
    isNew,
    isNew,
    isSame,
    isSame,
    { kind: 'failed', reason, nextDueMs, ...wish },
    { kind: 'handed-over' },
    { kind: 'unheard', nextDueMs },
  );
}
