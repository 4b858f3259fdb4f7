/**
 * The whole set-up of the flags of one instance. Nothing in it says which of the three it is:
 * who fetches is settled between them, in Redis.
 */
import { type ExecutionContext, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  type EvaluationContext,
  FeatureFlagsModule,
  PostHogDefinitionSource,
} from 'nestjs-feature-flags';
import { ShopController } from './shop.controller.js';
import { TurnReporter, TurnReporterModule } from './turn-reporter.js';

/** `?as=grace`; in a real app your authentication says who is asking. */
function shopperOf(ctx: ExecutionContext): EvaluationContext {
  const { as = 'ada' } = ctx.switchToHttp().getRequest<{ query: { as?: string } }>().query;
  return { distinctId: as, personProperties: { plan: 'free' } };
}

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
    FeatureFlagsModule.forRootAsync({
      imports: [TurnReporterModule],
      inject: [ConfigService, TurnReporter],
      useFactory: (config: ConfigService, reporter: TurnReporter) => ({
        source: new PostHogDefinitionSource({
          host: config.getOrThrow('POSTHOG_HOST'),
          projectApiKey: config.getOrThrow('POSTHOG_PROJECT_API_KEY'),
          secretKey: config.getOrThrow('POSTHOG_SECRET_KEY'),
          // Only for the stub: the real PostHog is asked over https.
          allowInsecureHttp: config.get('POSTHOG_ALLOW_INSECURE_HTTP') === 'true',
        }),
        cache: config.getOrThrow<string>('FLAGS_CACHE'),
        // Short, so that there is something to see. The defaults are 30 s and 5 s.
        polling: { intervalMs: 5_000, checkMs: 1_000 },
        // One machine runs it all and may be busy. The default is 1 s.
        cacheTimeoutMs: 5_000,
        context: shopperOf,
        observers: [reporter],
      }),
    }),
  ],
  controllers: [ShopController],
})
export class ShopModule {}
