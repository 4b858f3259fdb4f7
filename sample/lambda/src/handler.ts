/**
 * The function. The app is made once for each instance of it, while Lambda initialises it, and lives
 * as long as the instance does. A request looks at the shared definitions first if that is due:
 * after a freeze of whatever length the answer is by what the fleet knows now.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FlagsService } from 'nestjs-feature-flags';
import { AppModule } from './app.module.js';

export interface CheckoutEvent {
  readonly distinctId: string;
}

export interface CheckoutAnswer {
  readonly statusCode: number;
  readonly body: string;
}

/** Longer than a look takes; for a fetch from PostHog, whose turn it is, nobody waits longer. */
const LOOK_TIMEOUT_MS = Number(process.env.FLAGS_LOOK_TIMEOUT_MS ?? 2_000);

let starting: Promise<FlagsService> | undefined;

// Now, and not with the first request: this time is Lambda's, and nobody waits for it.
await start().catch(() => undefined);

export async function handler({ distinctId }: CheckoutEvent): Promise<CheckoutAnswer> {
  const flags = await start();
  await flags.lookIfDue(LOOK_TIMEOUT_MS);
  const isNew = flags.local.isEnabled('new-checkout', { distinctId });
  return { statusCode: 200, body: JSON.stringify({ checkout: isNew ? 'new' : 'old' }) };
}

/** One app for all requests; one that could not start is tried again with the next. */
function start(): Promise<FlagsService> {
  starting ??= NestFactory.createApplicationContext(AppModule, {
    abortOnError: false,
    logger: ['log', 'warn', 'error'],
  }).then((app) => app.get(FlagsService));
  starting.catch(() => (starting = undefined));
  return starting;
}
