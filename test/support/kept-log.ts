/** A logger that keeps what it is told, by level. */
import type { FlagsLogger } from '../../lib/index.js';

export class KeptLog implements FlagsLogger {
  readonly logged: string[] = [];
  readonly warned: string[] = [];
  readonly failed: string[] = [];

  log(message: string): void {
    this.logged.push(message);
  }

  warn(message: string): void {
    this.warned.push(message);
  }

  error(message: string): void {
    this.failed.push(message);
  }
}
