import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import {
  FeatureFlag,
  FeatureFlagsModule,
  FlagEnabled,
  FlagsService,
  StaticDefinitionSource,
} from '../lib/index.js';
import type { FeatureFlagsModuleOptions, FeatureFlagsOptionsFactory } from '../lib/index.js';
import { definitionsOf, off, on } from './support/flag-definitions.js';
import { KeptLog } from './support/kept-log.js';

const source = new StaticDefinitionSource(definitionsOf(on('on'), off('off')));
const options: FeatureFlagsModuleOptions = {
  source,
  context: () => ({ distinctId: 'ada' }),
  logger: new KeptLog(),
};

@Controller()
class Shop {
  @FeatureFlag('on')
  @Get('on')
  on(@FlagEnabled('off') isOff: boolean) {
    return { isOff };
  }

  @FeatureFlag('off')
  @Get('off')
  off() {
    return 'off';
  }
}

@Injectable()
class Prices {
  constructor(readonly flags: FlagsService) {}
}

/** A feature of an app that imports nothing of flags. */
@Module({ controllers: [Shop], providers: [Prices], exports: [Prices] })
class ShopModule {}

const running: INestApplication[] = [];

async function start(metadata: ModuleMetadata): Promise<INestApplication> {
  const module = await Test.createTestingModule(metadata).compile();
  const app = module.createNestApplication();
  running.push(app);
  return app.init();
}

async function expectToServe(app: INestApplication): Promise<void> {
  const http = request(app.getHttpServer());
  await http.get('/on').expect(200, { isOff: false });
  await http.get('/off').expect(404);
  expect(app.get(Prices).flags.status()).toMatchObject({ ready: true, flagCount: 2 });
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((app) => app.close()));
});

describe('forRoot', () => {
  it('serves guards, parameters and services of modules that import nothing', async () => {
    await expectToServe(
      await start({ imports: [ShopModule, FeatureFlagsModule.forRoot(options)] }),
    );
  });

  it('with isGlobal: false serves only the modules that import it', async () => {
    const local = FeatureFlagsModule.forRoot({ ...options, isGlobal: false });

    @Module({ imports: [local], controllers: [Shop], providers: [Prices], exports: [Prices] })
    class ImportingModule {}
    await expectToServe(await start({ imports: [ImportingModule] }));
    await expect(start({ imports: [local, ShopModule] })).rejects.toThrow(
      /can't resolve dependencies/,
    );
  });

  it('with wrong options stops the start with all that is wrong', async () => {
    const wrong = { polling: { intervalMs: 1 }, contexts: [] } as never;
    await expect(start({ imports: [FeatureFlagsModule.forRoot(wrong)] })).rejects.toThrow(
      /3 options are wrong[\s\S]*1\. contexts[\s\S]*2\. source[\s\S]*3\. polling\.intervalMs/,
    );
  });
});

describe('forRootAsync', () => {
  it('takes options from a factory with injected providers', async () => {
    const imports = [
      ShopModule,
      FeatureFlagsModule.forRootAsync({
        imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load: [() => ({ person: 'ada' })] })],
        inject: [ConfigService],
        useFactory: async (config: ConfigService) => ({
          ...options,
          context: () => ({ distinctId: config.getOrThrow<string>('person') }),
        }),
      }),
    ];
    await expectToServe(await start({ imports }));
  });

  it('takes options from a class, made for the purpose', async () => {
    @Injectable()
    class FlagsConfig implements FeatureFlagsOptionsFactory {
      createFeatureFlagsOptions() {
        return options;
      }
    }
    await expectToServe(
      await start({
        imports: [ShopModule, FeatureFlagsModule.forRootAsync({ useClass: FlagsConfig })],
      }),
    );
  });

  it('takes options from a provider that exists', async () => {
    let made = 0;

    @Injectable()
    class FlagsConfig implements FeatureFlagsOptionsFactory {
      constructor() {
        made += 1;
      }

      async createFeatureFlagsOptions() {
        return options;
      }
    }

    @Module({ providers: [FlagsConfig], exports: [FlagsConfig] })
    class AppConfigModule {}
    await expectToServe(
      await start({
        imports: [
          ShopModule,
          FeatureFlagsModule.forRootAsync({ imports: [AppConfigModule], useExisting: FlagsConfig }),
        ],
      }),
    );
    expect(made).toBe(1);
  });

  it('has isGlobal beside the factory', async () => {
    const local = FeatureFlagsModule.forRootAsync({ isGlobal: false, useFactory: () => options });
    await expect(start({ imports: [local, ShopModule] })).rejects.toThrow(
      /can't resolve dependencies/,
    );
  });
});

describe('a module that is configured twice', () => {
  it('stops the start: nobody could say which flags hold', async () => {
    const imports = [
      FeatureFlagsModule.forRoot(options),
      FeatureFlagsModule.forRoot({ ...options }),
    ];
    await expect(start({ imports })).rejects.toThrow(
      'FeatureFlagsModule is configured more than once in this app',
    );
  });

  it('is one module where the same configuration is imported twice', async () => {
    const configured = FeatureFlagsModule.forRoot(options);

    @Module({ imports: [configured] })
    class Other {}
    await expectToServe(await start({ imports: [configured, Other, ShopModule] }));
  });
});

describe('the module without forRoot', () => {
  it('beside a configured one changes nothing', async () => {
    @Module({ imports: [FeatureFlagsModule] })
    class Habit {}
    await expectToServe(
      await start({ imports: [FeatureFlagsModule.forRoot(options), Habit, ShopModule] }),
    );
  });

  it('alone stops the start with what to do', async () => {
    await expect(start({ imports: [FeatureFlagsModule] })).rejects.toThrow(
      'FeatureFlagsModule is imported without a configuration. Import FeatureFlagsModule.forRoot({ source, … })',
    );
  });
});

describe('two apps in one process', () => {
  it('know nothing of each other, not even within one request', async () => {
    const appWith = (definition: 'on' | 'off', person: string) => {
      const definitions = definitionsOf(definition === 'on' ? on('a') : off('a'));
      return start({
        providers: [Prices],
        imports: [
          FeatureFlagsModule.forRoot({
            source: new StaticDefinitionSource(definitions),
            context: () => ({ distinctId: person }),
            logger: new KeptLog(),
          }),
        ],
        controllers: [Outer],
      });
    };
    let inner: Prices | undefined;

    @Controller()
    class Outer {
      constructor(private readonly prices: Prices) {}

      @FeatureFlag('a')
      @Get('a')
      async a(@FlagEnabled('a') parameter: boolean) {
        return {
          parameter,
          own: await this.prices.flags.isEnabled('a'),
          // The other app is asked from within a request, but not within one of its own.
          other: (await inner?.flags.evaluate('a'))?.reason,
          otherNamed: inner?.flags.local.isEnabled('a', { distinctId: 'eve' }),
        };
      }
    }
    const first = await appWith('on', 'ada');
    const second = await appWith('off', 'bob');
    inner = second.get(Prices);
    await request(first.getHttpServer()).get('/a').expect(200, {
      parameter: true,
      own: true,
      other: 'missing_distinct_id',
      otherNamed: false,
    });
    await request(second.getHttpServer()).get('/a').expect(404);
    await first.close();
    expect(second.get(FlagsService).local.evaluate('a', { distinctId: 'bob' }).value).toBe(false);
  });
});

describe('the module in an app without HTTP', () => {
  it('serves its services', async () => {
    const module = await Test.createTestingModule({
      providers: [Prices],
      imports: [FeatureFlagsModule.forRoot(options)],
    }).compile();
    await module.init();
    expect(module.get(Prices).flags.local.isEnabled('on', { distinctId: 'ada' })).toBe(true);
    await module.close();
  });
});
