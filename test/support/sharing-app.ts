/** Apps with the whole module that share a cache: started, asked and closed together. */
import { expect } from '@jest/globals';
import { Module } from '@nestjs/common';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FeatureFlagsModule,
  FlagsService,
  PostHogDefinitionSource,
  type CacheOption,
} from '../../lib/index.js';
import { eventually } from '../setup/free-port.mjs';
import type { DefinitionsServer } from './definitions-server.js';
import { KeptLog } from './kept-log.js';

export interface SharingApp {
  readonly flags: FlagsService;
  readonly log: KeptLog;
  close(): Promise<void>;
}

export interface SharingTimes {
  readonly intervalMs?: number;
  readonly checkMs?: number;
  /** False: it looks only when it is asked to. @default true */
  readonly enabled?: boolean;
  /** Long, for the whole fleet is in one process, and often its store. @default 20_000 */
  readonly cacheTimeoutMs?: number;
}

export class SharingApps {
  private readonly apps = new Set<SharingApp>();

  constructor(private readonly server: DefinitionsServer) {}

  async start(cache: CacheOption | undefined, times: SharingTimes = {}): Promise<SharingApp> {
    const { host, projectApiKey, secretKey } = this.server;
    const log = new KeptLog();
    const { intervalMs = 60_000, checkMs = 30_000, enabled = true } = times;
    const { cacheTimeoutMs = 20_000 } = times;
    @Module({
      imports: [
        FeatureFlagsModule.forRoot({
          source: new PostHogDefinitionSource({ host, projectApiKey, secretKey }),
          ...(cache !== undefined && { cache }),
          polling: { intervalMs, checkMs, enabled },
          cacheTimeoutMs,
          // An answer that comes late on a busy machine is waited for.
          initialLoadTimeoutMs: 60_000,
          logger: log,
        }),
      ],
    })
    class AppModule {}
    const context: INestApplicationContext = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
    });
    const app: SharingApp = {
      flags: context.get(FlagsService),
      log,
      close: async () => {
        this.apps.delete(app);
        await context.close();
      },
    };
    this.apps.add(app);
    return app;
  }

  async close(): Promise<void> {
    await Promise.all([...this.apps].map((app) => app.close()));
  }
}

/** Waits until every app evaluates a flag of this name. */
export async function expectAllToHave(apps: readonly SharingApp[], flag: string): Promise<void> {
  for (const { flags } of apps) {
    const has = (): boolean => flags.local.isEnabled(flag, { distinctId: 'x' });
    if (!(await eventually(has))) {
      throw new Error(`an app has no ${flag}: ${JSON.stringify(flags.status())}`);
    }
    expect(has()).toBe(true);
  }
}
