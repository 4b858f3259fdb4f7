/**
 * What Nest adds: `FlagsService.local` beside the bare snapshot, and a `@FeatureFlag()` guard
 * beside an empty one and none, on Fastify and on Express. CPU time of the process, which is also
 * the client; the client costs all routes the same. Prints a line of JSON.
 */
import 'reflect-metadata';
import { Agent, get } from 'node:http';
import { cpuUsage, stdout } from 'node:process';
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
import { compileFlagDefinitions } from 'nestjs-feature-flags/evaluation';
import { posthogDefinitions } from './systems/posthog-definitions.mjs';
import { users } from './users.mjs';
import { workloads } from './workloads.mjs';

const workload = workloads.find(({ name }) => name.startsWith('5 conditions'));
if (workload === undefined) throw new Error('The workload is gone.');
const key = workload.flags[0]?.key ?? '';
const definitions = posthogDefinitions(workload);
const contexts = users.map(({ id, properties }) => ({
  distinctId: id,
  personProperties: properties,
}));
const routes = ['none', 'empty', 'flag'];
let turn = 0;

class EmptyGuard {
  canActivate() {
    return true;
  }
}

class BenchController {
  none() {
    return 'ok';
  }

  empty() {
    return 'ok';
  }

  flag() {
    return 'ok';
  }
}
decorate('none', []);
decorate('empty', [UseGuards(EmptyGuard)]);
decorate('flag', [FeatureFlag(key)]);
Controller()(BenchController);

class BenchModule {}
Module({
  imports: [
    FeatureFlagsModule.forRoot({
      source: new StaticDefinitionSource(definitions),
      polling: { enabled: false },
      context: () => contexts[turn++ & 1023] ?? { distinctId: '' },
    }),
  ],
  controllers: [BenchController],
})(BenchModule);

const apps = { fastify: new FastifyAdapter(), express: new ExpressAdapter() };
/** @type {Record<string, unknown>} */
const results = {};
for (const [platform, adapter] of Object.entries(apps)) {
  const app = await NestFactory.create(BenchModule, /** @type {any} */ (adapter), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  const flags = app.get(FlagsService);
  await flags.whenReady(5_000);
  results['local'] ??= compareLocal(flags);
  results[platform] = await compareGuards(await app.getUrl());
  await app.close();
}
stdout.write(`${JSON.stringify(results)}\n`);
process.exit(0);

/** @param {'none' | 'empty' | 'flag'} name @param {readonly MethodDecorator[]} decorators */
function decorate(name, decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(BenchController.prototype, name);
  if (descriptor === undefined) throw new Error(`There is no route "${name}".`);
  for (const each of [...decorators, Get(name)]) each(BenchController.prototype, name, descriptor);
}

/** @param {FlagsService} flags */
function compareLocal(flags) {
  const snapshot = compileFlagDefinitions(definitions);
  /** @type {Record<string, (context: any) => unknown>} */
  const ways = {
    bareNs: (context) => snapshot.evaluate(key, context),
    localNs: (context) => flags.local.evaluate(key, context),
  };
  return medians(ways, 15, (way) => {
    const count = 100_000;
    const begin = cpuUsage();
    for (let index = 0; index < count; index += 1) way(contexts[index & 1023]);
    return (cpuSinceUs(begin) * 1000) / count;
  });
}

/** µs of CPU for one request, by route. @param {string} url */
async function compareGuards(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  /** @type {Record<string, number[]>} */
  const times = Object.fromEntries(routes.map((route) => [route, []]));
  for (let round = 0; round < 25; round += 1) {
    for (const route of routes) {
      const begin = cpuUsage();
      await requests(`${url}/${route}`, agent, 400);
      times[route]?.push(cpuSinceUs(begin) / 400);
    }
  }
  agent.destroy();
  return Object.fromEntries(
    Object.entries(times).map(([route, all]) => [route, median(all.slice(5))]),
  );
}

/** @param {string} url @param {Agent} agent @param {number} count */
async function requests(url, agent, count) {
  const batch = Array.from({ length: 8 }, async () => {
    for (let number = 0; number < count / 8; number += 1) await request(url, agent);
  });
  await Promise.all(batch);
}

/** @param {string} url @param {Agent} agent @returns {Promise<void>} */
function request(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.resume().on('end', resolve);
    }).on('error', reject);
  });
}

/**
 * @param {Record<string, (context: any) => unknown>} ways
 * @param {number} rounds
 * @param {(way: (context: any) => unknown) => number} measure
 */
function medians(ways, rounds, measure) {
  /** @type {Record<string, number[]>} */
  const all = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) all[name]?.push(measure(way));
  }
  return Object.fromEntries(Object.entries(all).map(([name, values]) => [name, median(values)]));
}

/** @param {NodeJS.CpuUsage} begin */
function cpuSinceUs(begin) {
  const { user, system } = cpuUsage(begin);
  return user + system;
}

/** @param {readonly number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
