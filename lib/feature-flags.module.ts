/**
 * The module. It declares what there is and decides nothing: options are read in
 * `feature-flags.resolved-options.ts`, objects are made in `feature-flags.providers.ts`, and what
 * happens when is in `flags.lifecycle.ts`.
 */
import { Module, Optional } from '@nestjs/common';
import type { DynamicModule, NestModule } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { FlagsError } from './core/errors/flags-error.js';
import { ConfigurableModuleClass } from './feature-flags.module-definition.js';
import type { ASYNC_OPTIONS_TYPE, OPTIONS_TYPE } from './feature-flags.module-definition.js';
import { FlagsService } from './flags.service.js';
import { openHttpScopes } from './request/open-http-scopes.js';
import { RequestScopes } from './request/request-scopes.js';

/** @publicApi */
@Module({})
export class FeatureFlagsModule extends ConfigurableModuleClass implements NestModule {
  constructor(
    private readonly http: HttpAdapterHost,
    modules: ModulesContainer,
    @Optional() private readonly scopes?: RequestScopes,
  ) {
    super();
    assertConfiguredOnce(modules, scopes);
  }

  /**
   * Configures the flags of the app; once, in its root module.
   * @throws FlagsError `invalid-options` at start, listing everything that is wrong.
   */
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * The same with options that depend on other providers: `useFactory` with `inject`, `useClass`
   * or `useExisting` (see `FeatureFlagsOptionsFactory`), and `imports`.
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  configure(): void {
    if (this.scopes !== undefined) openHttpScopes(this.http.httpAdapter, this.scopes);
  }
}

function assertConfiguredOnce(modules: ModulesContainer, scopes: RequestScopes | undefined): void {
  const configured = [...modules.values()].filter(
    ({ metatype, providers }) => metatype === FeatureFlagsModule && providers.has(FlagsService),
  );
  if (configured.length > 1) {
    throw new FlagsError(
      'FeatureFlagsModule is configured more than once in this app, so nobody could say which flags hold. ' +
        'Call forRoot or forRootAsync once, in the root module; other modules inject FlagsService without importing anything.',
      { code: 'invalid-options' },
    );
  }
  if (scopes !== undefined) return;
  throw new FlagsError(
    'FeatureFlagsModule is imported without a configuration. Import FeatureFlagsModule.forRoot({ source, … }) in the root module.',
    { code: 'invalid-options' },
  );
}
