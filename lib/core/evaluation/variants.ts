/**
 * The variants of a flag as ranges of [0, 1), in the order of the definition. The borders are a
 * running sum in doubles, because a border computed otherwise may differ in its last bit.
 */
import type { VariantDefinition } from '../definitions/flag-definitions.js';

export interface VariantRange {
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

export type VariantRanges = readonly VariantRange[];

export function compileVariants(variants: readonly VariantDefinition[]): VariantRanges {
  let from = 0;
  return variants.map((variant) => {
    const to = from + Number(variant.rollout_percentage) / 100;
    // A key that is no text names no variant: who falls there is just on.
    const range = { key: typeof variant.key === 'string' ? variant.key : '', from, to };
    from = to;
    return range;
  });
}

/**
 * The variant at a position; true when the ranges do not reach that far. Each range begins where
 * the one before it ends, so the first that ends beyond the position holds it.
 */
export function variantAt(ranges: VariantRanges, bucket: number): string | true {
  for (const range of ranges) {
    if (bucket < range.to) return range.key || true;
  }
  return true;
}
