/**
 * What an instance starts with when neither the cache nor the source has given anything: the
 * definitions that were put beside the app when it was built. They are better than none, and no
 * more: they have no revision and no etag, so they outrank nothing and are never published, and the
 * instance looks for newer ones as if it had none at all.
 */
import type { DefinitionHolder } from './definition-holder.js';
import type { RefreshCycleParts } from './refresh-cycle-parts.js';

export type BootResult =
  | { readonly kind: 'loaded'; readonly flagCount: number; readonly ageMs: number }
  /** It is there, or should be, and cannot be used. */
  | { readonly kind: 'refused'; readonly message: string }
  /** There is none, or there is no need of it. */
  | { readonly kind: 'none' };

/** Never rejects. */
export async function boot(
  { snapshotFile: file, clock }: Pick<RefreshCycleParts, 'snapshotFile' | 'clock'>,
  holder: DefinitionHolder,
  signal: AbortSignal,
): Promise<BootResult> {
  if (file === undefined || holder.held !== undefined) return { kind: 'none' };
  const read = await file.read(clock.now());
  // Something better may have come while the file was read.
  if (signal.aborted || holder.held !== undefined) return { kind: 'none' };
  if (!read.ok) return { kind: 'refused', message: read.message };
  const examined = holder.examine(read.document, 'snapshot-file');
  if (!examined.ok) return { kind: 'refused', message: examined.message };
  const { ageMs } = read;
  holder.take(examined, { revision: 0, ageMs });
  return { kind: 'loaded', flagCount: examined.definitions.flags.length, ageMs };
}
