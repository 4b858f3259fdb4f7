/**
 * The port to what a fleet shares, a real server: started, hurt and read as no instance could. What
 * it has executed is told by itself, and not by those who asked for it. What can go wrong with one
 * kind of store, and in which words the instances say so, is in `faults/`.
 */
import type { StoreFact } from '../told.js';
import type { CommandMark } from './store-proxy.js';

/** Who a store tells what it has executed. */
export interface StoreListener {
  /** Who speaks from a port. */
  readonly nameOf: (port: number) => string | undefined;
  readonly tell: (fact: StoreFact & { readonly at: number }) => void;
}

export interface FleetStore {
  /** With its version, for reports. */
  readonly description: string;
  /** Where it listens; each instance comes through a proxy of its own. */
  readonly port: number;
  /** Knows the finish of a claim, with new content or the same: between fetch and publication. */
  readonly aFinish: CommandMark;
  /** What an instance is given as its cache, with a proxy on this port. */
  cacheUrl(port: number): string;
  /** Stops answering, as behind a broken switch; connections stay open. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Starts again where it was. When it resolves, nothing is executed that is not seen. */
  launch(kept: { readonly withData: boolean }): Promise<void>;
  /** Resolves when all has been told that was executed before; the store must be well. One at a time. */
  settle(): Promise<void>;
  /** Ends all that was started, frozen or not. */
  stop(): Promise<void>;
}

/** A store that is started; it tells from then on. */
export type OpenStore<Store extends FleetStore> = (listener: StoreListener) => Promise<Store>;
