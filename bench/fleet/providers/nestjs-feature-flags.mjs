/** An instance with our module in it: a whole Nest app, configured as the documentation says. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, PostHogDefinitionSource } from 'nestjs-feature-flags';
import { PROJECT_API_KEY, WITNESS, secretKeyOf } from '../systems.mjs';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * @param {import('../systems.mjs').InstanceSettings} settings
 * @param {() => void} onLoaded called when definitions have changed
 * @returns {Promise<import('../systems.mjs').Instance>}
 */
export async function openOurs({ name, host, redisUrl, key, times }, onLoaded) {
  const { intervalMs, checkMs } = times;
  const cache = new URL(redisUrl);
  cache.searchParams.set('key', key);
  const source = new PostHogDefinitionSource({
    host,
    projectApiKey: PROJECT_API_KEY,
    secretKey: secretKeyOf(name),
  });
  const module = FeatureFlagsModule.forRoot({
    source,
    cache: cache.href,
    polling: { intervalMs, checkMs },
    logger: silent,
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  const flags = app.get(FlagsService);
  flags.changes.subscribe(onLoaded);
  return {
    evaluate: () => flags.variant(WITNESS, { distinctId: 'somebody' }),
    close: () => app.close(),
  };
}
