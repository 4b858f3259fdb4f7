/** `forRoot` and `forRootAsync`, made by Nest's own builder. */
import { ConfigurableModuleBuilder } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import type { FeatureFlagsModuleOptions } from './feature-flags.options.js';
import { exportedProviders, flagsProviders } from './feature-flags.providers.js';
import { MODULE_OPTIONS } from './feature-flags.tokens.js';

/** What is written beside the options. @publicApi */
export interface FeatureFlagsModuleExtras {
  /** False: only modules that import the configured module can use the flags. @default true */
  readonly isGlobal?: boolean;
}

export const { ConfigurableModuleClass, OPTIONS_TYPE, ASYNC_OPTIONS_TYPE } =
  new ConfigurableModuleBuilder<FeatureFlagsModuleOptions>({
    optionsInjectionToken: MODULE_OPTIONS,
  })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createFeatureFlagsOptions')
    .setExtras<FeatureFlagsModuleExtras>({ isGlobal: true }, (definition, { isGlobal = true }) => ({
      ...definition,
      global: isGlobal,
      imports: [...(definition.imports ?? []), DiscoveryModule],
      providers: [...(definition.providers ?? []), ...flagsProviders],
      exports: exportedProviders,
    }))
    .build();
