/**
 * What an instance tells whoever started it, over Node's channel between parent and child. An
 * instance that was started alone has nobody to tell, and goes on without.
 */
import type { RefreshOutcome } from 'nestjs-feature-flags';

export type Report =
  /** The instance answers requests. */
  | { readonly kind: 'open'; readonly url: string }
  /** The definitions in its memory were replaced. */
  | { readonly kind: 'changed'; readonly revision: number }
  /** It was told to end: it has left the fleet, and changes nothing any more. */
  | { readonly kind: 'left' }
  /** A turn of its refresh cycle ended. */
  | { readonly kind: 'turn'; readonly outcome: RefreshOutcome };

export function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}
