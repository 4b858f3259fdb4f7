/**
 * A thread with an app in it, on the built package, whose definitions lie in the memory that it was
 * handed: a Nest app, or a client of posthog-node. It answers questions.
 *
 *   new Worker('app-thread.mjs', { workerData: { kind, memory, server, times } })
 *
 * The times of a client may have a `pollMs`, where it is to look more often than anybody fetches.
 */
import 'reflect-metadata';
import { on } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { PostHog } from 'posthog-node';
import { createPostHogCacheProvider } from '../../../dist/esm/caches-posthog-node.js';
import { sharedMemoryCache } from '../../../dist/esm/caches-shared-memory.js';
import {
  FeatureFlagsModule,
  FlagsService,
  PostHogDefinitionSource,
} from '../../../dist/esm/index.js';

const { kind, memory, server, times } = workerData;
const lines = [];
const keepAs = (level) => (line) => lines.push(`${level}: ${line}`);

async function startNest() {
  class AppModule {}
  Module({
    imports: [
      FeatureFlagsModule.forRoot({
        source: new PostHogDefinitionSource(server),
        cache: sharedMemoryCache(memory),
        polling: times,
        logger: { log: keepAs('log'), warn: keepAs('warn'), error: keepAs('error') },
      }),
    ],
  })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, {
    logger: false,
    abortOnError: false,
  });
  const flags = app.get(FlagsService);
  return {
    isOn: async (key) => flags.local.isEnabled(key, { distinctId: 'somebody' }),
    isReady: () => flags.whenReady(120_000),
    refresh: async () => (await flags.refresh()).kind,
    lines: async () => lines,
    close: () => app.close(),
  };
}

async function startPostHog() {
  const { host, projectApiKey, secretKey } = server;
  const failures = [];
  const provider = await createPostHogCacheProvider(sharedMemoryCache(memory), {
    projectApiKey,
    host,
    intervalMs: times.intervalMs,
    onFailure: (failure) => failures.push(failure.message),
  });
  const client = new PostHog(projectApiKey, {
    host,
    secretKey,
    featureFlagsPollingInterval: times.pollMs ?? times.intervalMs,
    flagDefinitionCacheProvider: provider,
  });
  return {
    isOn: async (key) => {
      const flags = await client.evaluateFlags('somebody', { onlyEvaluateLocally: true });
      return flags.getFlag(key) === true;
    },
    lines: async () => failures,
    close: () => client.shutdown(10_000),
  };
}

async function started() {
  try {
    return await (kind === 'nest' ? startNest() : startPostHog());
  } catch (error) {
    parentPort.postMessage({ refused: error.message });
    return undefined;
  }
}

const questions = on(parentPort, 'message');
const app = await started();
if (app === undefined) {
  parentPort.close();
} else {
  parentPort.postMessage({ started: true });
  for await (const [{ ask, key }] of questions) {
    parentPort.postMessage({ answer: await app[ask](key) });
    if (ask === 'close') break;
  }
  parentPort.close();
}
