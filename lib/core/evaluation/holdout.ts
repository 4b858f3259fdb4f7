/**
 * A holdout keeps some ids out of an experiment, before any condition is looked at. Its value is
 * a variant of its own, `holdout-<id>`, and an id has the same position for all flags.
 */
import { holdoutBuckets } from './bucketing.js';
import { asRecord } from './definition-reader.js';
import { textOf } from './operators/value-text.js';

export interface Holdout {
  readonly id: string;
  readonly value: string;
  /** 0 to 100. */
  readonly percentage: number;
  includes(bucketingId: string): boolean;
}

/** Undefined when there is none, or when it is incomplete. */
export function compileHoldout(definition: unknown): Holdout | undefined {
  const { id, exclusion_percentage: given } = asRecord(definition) ?? {};
  if (id === undefined || id === null) return undefined;
  const share = Number(given ?? Number.NaN);
  if (!Number.isFinite(share)) return undefined;
  const name = textOf(id) ?? '';
  const percentage = Math.min(Math.max(share, 0), 100);
  const border = percentage / 100;
  return {
    id: name,
    value: `holdout-${name}`,
    percentage,
    includes: (bucketingId) =>
      percentage === 100 || (percentage > 0 && holdoutBuckets.rollout(bucketingId) <= border),
  };
}
