/**
 * What is asked by `guard.mjs`: in one process an app with an empty guard and one with
 * `@FeatureFlag()`, on the platform that the first argument names, each with one route of the same
 * path and body; with the second argument `without` only the first of them, and without the module.
 * Sends the ports of its apps, and when it is asked its CPU time, or how long the guards were called.
 */
import 'reflect-metadata';
import { argv, cpuUsage } from 'node:process';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  FeatureFlag,
  FeatureFlagsModule,
  FlagsService,
  StaticDefinitionSource,
} from 'nestjs-feature-flags';
import { watchGuardCalls } from './guard-calls.mjs';
import { posthogDefinitions } from './systems/posthog-definitions.mjs';
import { users } from './users.mjs';
import { workloads } from './workloads.mjs';

const [, , platform, module] = argv;
const workload = workloads.find(({ name }) => name.startsWith('5 conditions'));
if (workload === undefined) throw new Error('The workload is gone.');
const definitions = posthogDefinitions(workload);
const contexts = users.map(({ id, properties }) => ({
  distinctId: id,
  personProperties: properties,
}));
let turn = 0;

class EmptyGuard {
  canActivate() {
    return true;
  }
}

const empty = await portOf(UseGuards(EmptyGuard));
const flag =
  module === 'without' ? undefined : await portOf(FeatureFlag(workload.flags[0]?.key ?? ''));
/** @type {Promise<() => Promise<number>> | undefined} */
let watch;
/** @type {Readonly<Record<string, () => unknown>>} */
const answers = {
  cpu: () => cpuUsage(),
  watch: async () => void (await (watch = watchGuardCalls())),
  watched: async () => (await watch)?.(),
};
process.on('message', (question) => {
  void Promise.resolve(answers[String(question)]?.()).then((answer) => process.send?.({ answer }));
});
process.send?.({ empty, flag });

/** The port of an app with one route behind this guard. @param {MethodDecorator} guard */
async function portOf(guard) {
  class BenchController {
    answer() {
      return 'ok';
    }
  }
  const { prototype } = BenchController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'answer');
  if (descriptor === undefined) throw new Error('There is no route.');
  for (const each of [guard, Get()]) each(prototype, 'answer', descriptor);
  Controller()(BenchController);
  class BenchModule {}
  const imports = module === 'without' ? [] : [flagsModule()];
  Module({ imports, controllers: [BenchController] })(BenchModule);
  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(BenchModule, /** @type {any} */ (adapter), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  if (module !== 'without') await app.get(FlagsService).whenReady(5_000);
  return app.getHttpServer().address().port;
}

function flagsModule() {
  return FeatureFlagsModule.forRoot({
    source: new StaticDefinitionSource(definitions),
    polling: { enabled: false },
    context: () => contexts[turn++ & 1023] ?? { distinctId: '' },
  });
}
