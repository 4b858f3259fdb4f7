/** An instance as its fleet sees it, whatever software runs in it. */
import type { VirtualProcess } from './virtual-process.js';

export interface Member {
  readonly name: string;
  readonly process: VirtualProcess;
  readonly alive: boolean;
  boot(): void;
  /** Ends as on SIGTERM; the process dies when it is done. */
  close(): void;
  crash(): void;
  /** Evaluates in the middle of whatever goes on. */
  evaluate(): void;
}
