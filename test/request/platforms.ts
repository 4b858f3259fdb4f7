/** The two HTTP platforms of Nest, and an app on one of them as a test wants it. */
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import { FeatureFlagsModule, FlagsService } from '../../lib/index.js';
import type { EvaluationContext, FeatureFlagsModuleOptions } from '../../lib/index.js';
import { KeptLog } from '../support/kept-log.js';
import { MutableSource } from '../support/mutable-source.js';
import { planted } from '../support/planted.js';

export type Platform = 'Express' | 'Fastify';

/** For `describe.each`. */
export const platforms: readonly Platform[] = ['Express', 'Fastify'];

export interface FlagsApp {
  readonly app: INestApplication;
  readonly flags: FlagsService;
  readonly source: MutableSource;
  readonly log: KeptLog;
  readonly http: ReturnType<typeof request>;
}

export interface FlagsAppParts extends Pick<
  ModuleMetadata,
  'controllers' | 'providers' | 'imports'
> {
  readonly definitions?: FlagDefinitionCacheData;
  readonly options?: Partial<FeatureFlagsModuleOptions>;
  /** In place of the platform's own. */
  readonly adapter?: AbstractHttpAdapter;
  /** Runs between creation and `init`, as `main.ts` would. */
  readonly setUp?: (app: INestApplication) => void;
}

const running: INestApplication[] = [];

/** A running app with the real module; to be closed by {@link closeApps}. */
export async function startApp(platform: Platform, parts: FlagsAppParts): Promise<FlagsApp> {
  const { controllers = [], providers = [], imports = [], setUp } = parts;
  const source = new MutableSource(parts.definitions);
  const log = new KeptLog();
  const given = { source, logger: log, polling: { enabled: false }, ...parts.options };
  const options = { ...given, ...withPlantedProperty(given.context) };
  const module = await Test.createTestingModule({
    controllers,
    providers,
    imports: [...imports, FeatureFlagsModule.forRoot(options)],
  }).compile();
  const usual = platform === 'Express' ? new ExpressAdapter() : new FastifyAdapter();
  const adapter = parts.adapter ?? usual;
  const app = module.createNestApplication<INestApplication>(adapter, { logger: false });
  running.push(app);
  setUp?.(app);
  await app.init();
  if (platform === 'Fastify') await app.getHttpAdapter().getInstance().ready();
  return { app, source, log, flags: app.get(FlagsService), http: request(app.getHttpServer()) };
}

/** Of everybody something is known that nobody may tell: where the resolver is a plain function. */
function withPlantedProperty(
  given: FeatureFlagsModuleOptions['context'],
): Pick<FeatureFlagsModuleOptions, 'context'> {
  const isPlain =
    typeof given === 'function' && Object.getPrototypeOf(given) === Function.prototype;
  if (!isPlain || /^class\b/.test(String(given))) return {};
  return { context: (ctx) => withMore(Reflect.apply(given, undefined, [ctx])) };
}

function withMore(answer: unknown): EvaluationContext {
  if (typeof answer !== 'object' || answer === null || !('distinctId' in answer))
    return answer as never;
  const { personProperties } = answer as EvaluationContext;
  return {
    ...(answer as EvaluationContext),
    personProperties: { planted: planted.value, ...personProperties },
  };
}

/** For `afterEach`. */
export async function closeApps(): Promise<void> {
  await Promise.all(running.splice(0).map((app) => app.close()));
}
