/**
 * A known answer as JSON, for a store that other programs may read: one flag of one person, with
 * names that say what they hold. What lies there and was not written so is no answer.
 *
 *   { "schema": 1, "key": "new-checkout", "value": "blue", "payload": { "size": 3 },
 *     "reason": "condition_match", "conditionIndex": 0, "digest": "9b1f…",
 *     "answeredAt": 1767225612345, "era": "4f0c…" }
 */
import { jsonObjectIn } from '../given/json-text.js';
import type { DecidedReason } from '../evaluation/flag-evaluation.js';
import type { KnownAnswer } from './fallback-cache.js';

const SCHEMA = 1;

/** @param era what is written before the store was cleared has another */
export function answerToJson(answer: KnownAnswer, era: string): string {
  return JSON.stringify({ schema: SCHEMA, ...answer, era });
}

/** Undefined for what is no answer, or of another era. */
export function answerFromJson(json: unknown, era: string): KnownAnswer | undefined {
  const written = typeof json === 'string' ? jsonObjectIn(json) : undefined;
  if (written === undefined || written['schema'] !== SCHEMA || written['era'] !== era) {
    return undefined;
  }
  const { key, value, payload, reason, conditionIndex, digest, answeredAt } = written;
  if (typeof key !== 'string' || typeof reason !== 'string' || typeof answeredAt !== 'number') {
    return undefined;
  }
  if (typeof value !== 'boolean' && typeof value !== 'string') return undefined;
  return {
    key,
    value,
    payload: payload ?? undefined,
    reason: reason as DecidedReason,
    conditionIndex: typeof conditionIndex === 'number' ? conditionIndex : undefined,
    digest: typeof digest === 'string' ? digest : undefined,
    answeredAt,
  };
}
