/**
 * A name for everything that decides about a person's flags: id, properties, groups and their
 * properties. Two contexts with the same name get the same answers, whoever asks and in whatever
 * order the keys stand; and nothing of the person can be read from it.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../definitions/canonical-json.js';
import type { EvaluationContext } from '../evaluation/evaluation-context.js';

/** SHA-256, in hexadecimal; undefined for a context that JSON cannot carry. */
export function personDigest(context: EvaluationContext): string | undefined {
  try {
    const { distinctId, personProperties = {}, groups = {}, groupProperties = {} } = context;
    const facts = { distinctId, personProperties, groups, groupProperties };
    // What is sent decides: a date is its text there, and two dates are not the same.
    const sent: unknown = JSON.parse(JSON.stringify(facts));
    return createHash('sha256').update(canonicalJson(sent)).digest('hex');
  } catch {
    // A cycle, a BigInt, a getter that throws: what cannot be sent cannot be named either.
    return undefined;
  }
}
