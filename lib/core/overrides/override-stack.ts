/**
 * The overrides that are in force for the whole process, in layers: of two that name the same flag
 * the later counts, and each can be taken back alone, in any order.
 */
import type { FlagSnapshot } from '../evaluation/flag-snapshot.js';
import { readOverrides, throwMistakes, type OverrideSet } from './flag-overrides.js';
import { OverriddenSnapshot, type OverrideLayer } from './overridden-snapshot.js';

/**
 * Takes back exactly what one call of `override` has set; calling it twice does nothing. Works with
 * `using` too.
 * @publicApi
 */
export interface UndoOverride {
  (): void;
  [Symbol.dispose](): void;
}

/** Told after each change. */
export interface OverrideListener {
  overridden(keys: readonly string[]): void;
  /** The last one was taken back. */
  nothingOverridden(): void;
}

export class OverrideStack {
  private layers: readonly OverrideSet[] = [];
  private merged: OverrideLayer | undefined;
  /** By what lies beneath, so that equal answers stay the same object. */
  private overlaid = new WeakMap<FlagSnapshot, FlagSnapshot>();

  constructor(private readonly listener: OverrideListener) {}

  /** @throws FlagsError `invalid-argument` that lists all mistakes. */
  add(values: unknown, subject: string): UndoOverride {
    const { overrides, mistakes } = readOverrides(values);
    throwMistakes(subject, mistakes);
    this.use([...this.layers, overrides]);
    if (overrides.size > 0) this.listener.overridden([...overrides.keys()]);
    const undo = (): void => this.takeBack(overrides);
    return Object.assign(undo, { [Symbol.dispose]: undo });
  }

  /** How many flags are overridden. */
  get size(): number {
    return this.merged?.overrides.size ?? 0;
  }

  /** The same snapshot where nothing is overridden. */
  over(snapshot: FlagSnapshot): FlagSnapshot {
    const { merged } = this;
    return merged === undefined ? snapshot : this.overlay(snapshot, merged);
  }

  private takeBack(overrides: OverrideSet): void {
    const left = this.layers.filter((layer) => layer !== overrides);
    if (left.length === this.layers.length) return;
    const before = this.size;
    this.use(left);
    if (before > 0 && this.size === 0) this.listener.nothingOverridden();
  }

  private use(layers: readonly OverrideSet[]): void {
    this.layers = layers;
    const overrides = new Map(layers.flatMap((layer) => [...layer]));
    this.merged = overrides.size === 0 ? undefined : { overrides, origin: 'in code' };
    this.overlaid = new WeakMap();
  }

  private overlay(snapshot: FlagSnapshot, layer: OverrideLayer): FlagSnapshot {
    const known = this.overlaid.get(snapshot);
    if (known !== undefined) return known;
    const overlaid = new OverriddenSnapshot(snapshot, layer);
    this.overlaid.set(snapshot, overlaid);
    return overlaid;
  }
}
