/** Where the log goes: any logger of Nest, or what looks like one. */
import type { LoggerService } from '@nestjs/common';

/** @publicApi */
export type FlagsLogger = Pick<LoggerService, 'log' | 'warn' | 'error'> & {
  debug?(message: string): void;
};
