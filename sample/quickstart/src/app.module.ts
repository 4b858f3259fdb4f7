/** The whole set-up of the flags: a source, who asks, and somebody to tell. */
import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { FeatureFlagsModule } from 'nestjs-feature-flags';
import { definitionSource } from './definition-source.js';
import { FlagPageController } from './page/flag-page.controller.js';
import { LiveUpdates } from './page/live-updates.js';
import { LiveUpdatesModule } from './page/live-updates.module.js';
import { shopperOfContext } from './people/shopper-from-request.js';
import { ShopModule } from './shop/shop.module.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    FeatureFlagsModule.forRootAsync({
      imports: [LiveUpdatesModule],
      inject: [ConfigService, LiveUpdates],
      useFactory: (config: ConfigService, updates: LiveUpdates) => ({
        source: definitionSource(config),
        context: shopperOfContext,
        observers: [updates],
      }),
    }),
    LiveUpdatesModule,
    ShopModule,
  ],
  controllers: [FlagPageController],
})
export class AppModule {}
