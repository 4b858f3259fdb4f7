/**
 * A logger of the app's that throws, or rejects because it is async, must not break what is logged,
 * nor end the process: its errors are dropped.
 */
import type { FlagsLogger } from './flags-logger.js';

export function safeLogger(logger: FlagsLogger): FlagsLogger {
  const safely = (write: () => unknown): void => {
    try {
      const written = write();
      if (written !== undefined) Promise.resolve(written).catch(() => undefined);
    } catch {
      // There is nobody left to tell.
    }
  };
  return {
    log: (message: string) => safely(() => logger.log(message)),
    warn: (message: string) => safely(() => logger.warn(message)),
    error: (message: string) => safely(() => logger.error(message)),
    debug: (message: string) => safely(() => logger.debug?.(message)),
  };
}
