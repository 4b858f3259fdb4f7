/** Nest's log reduced to what was said, without the lines about Nest's own wiring. */
import type { LoggerService } from '@nestjs/common';

const wiring: ReadonlySet<unknown> = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

export class ShortLogger implements LoggerService {
  log(message: unknown, ...rest: unknown[]): void {
    if (!wiring.has(rest.at(-1))) console.log(String(message));
  }

  warn(message: unknown): void {
    console.log(`WARN  ${String(message)}`);
  }

  /** A start that fails is told by `main.ts`, once. */
  error(message: unknown, ...rest: unknown[]): void {
    const context = rest.at(-1);
    if (context === 'ExceptionHandler' || wiring.has(context)) return;
    console.log(`ERROR ${String(message)}`);
  }
}
