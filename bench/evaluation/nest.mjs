/**
 * What Nest adds: `FlagsService.local` beside the bare snapshot, and a `@FeatureFlag()` guard beside
 * an empty one, on Fastify and on Express. CPU time. Prints a line of JSON. `node nest.mjs 3 10` is
 * shorter: three processes for each platform, ten rounds in each.
 */
import 'reflect-metadata';
import { argv, cpuUsage, stdout } from 'node:process';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FeatureFlagsModule, FlagsService, StaticDefinitionSource } from 'nestjs-feature-flags';
import { compileFlagDefinitions } from 'nestjs-feature-flags/evaluation';
import { compareGuards } from './guard.mjs';
import { posthogDefinitions } from './systems/posthog-definitions.mjs';
import { users } from './users.mjs';
import { workloads } from './workloads.mjs';

const [, , processes = '7', rounds = '20'] = argv;
const workload = workloads.find(({ name }) => name.startsWith('5 conditions'));
if (workload === undefined) throw new Error('The workload is gone.');
const key = workload.flags[0]?.key ?? '';
const definitions = posthogDefinitions(workload);
const contexts = users.map(({ id, properties }) => ({
  distinctId: id,
  personProperties: properties,
}));

class BenchModule {}
const source = new StaticDefinitionSource(definitions);
Module({ imports: [FeatureFlagsModule.forRoot({ source, polling: { enabled: false } })] })(
  BenchModule,
);
const app = await NestFactory.createApplicationContext(BenchModule, { logger: false });
const flags = app.get(FlagsService);
await flags.whenReady(5_000);
const local = compareLocal(flags);
await app.close();
const plan = { processes: Number(processes), rounds: Number(rounds), requests: 1_600 };
const fastify = await compareGuards('fastify', plan);
const express = await compareGuards('express', plan);
stdout.write(`${JSON.stringify({ local, fastify, express })}\n`);
process.exit(0);

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
