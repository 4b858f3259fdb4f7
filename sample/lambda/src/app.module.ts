/**
 * The flags of the function. Nothing runs between two requests, so nothing polls: the handler looks
 * at the shared definitions when that is due.
 */
import { Module } from '@nestjs/common';
import { FeatureFlagsModule, PostHogDefinitionSource } from 'nestjs-feature-flags';

/** @throws Error that names what is missing; its value is never printed. */
function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set.`);
  return value;
}

@Module({
  imports: [
    FeatureFlagsModule.forRootAsync({
      useFactory: () => ({
        source: new PostHogDefinitionSource({
          host: setting('POSTHOG_HOST'),
          projectApiKey: setting('POSTHOG_PROJECT_API_KEY'),
          secretKey: setting('POSTHOG_SECRET_KEY'),
          // Only for the stub: the real PostHog is asked over https.
          allowInsecureHttp: process.env.POSTHOG_ALLOW_INSECURE_HTTP === 'true',
        }),
        cache: setting('FLAGS_CACHE'), // dynamodb:///feature-flags?key=shop
        // The first look of an instance also finds its credentials, and connects.
        cacheTimeoutMs: Number(process.env.FLAGS_CACHE_TIMEOUT_MS ?? 2_000),
        polling: {
          enabled: false,
          intervalMs: Number(process.env.FLAGS_INTERVAL_MS ?? 30_000),
          checkMs: Number(process.env.FLAGS_CHECK_MS ?? 5_000),
        },
      }),
    }),
  ],
})
export class AppModule {}
