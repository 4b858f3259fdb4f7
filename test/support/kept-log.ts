/** A logger that keeps what it is told, by level. */
import type { FlagsLogger } from '../../lib/index.js';
import { noticed } from './noticed.js';

export class KeptLog implements FlagsLogger {
  readonly logged: string[] = [];
  readonly warned: string[] = [];
  readonly failed: string[] = [];

  log(message: string): void {
    noticed('log', message);
    this.logged.push(message);
  }

  warn(message: string): void {
    noticed('warn', message);
    this.warned.push(message);
  }

  error(message: string): void {
    noticed('error', message);
    this.failed.push(message);
  }
}
