/** On what a run was made: figures mean nothing without it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, totalmem } from 'node:os';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** @param {import('./redis.mjs').BenchRedis} redis */
export async function describeMachine(redis) {
  const cores = cpus();
  return {
    date: new Date().toISOString().slice(0, 16),
    cores: cores.length,
    cpu: cores[0]?.model ?? 'unknown',
    memoryGib: Math.round(totalmem() / 2 ** 30),
    loadAtStart: loadavg().map((load) => Number(load.toFixed(2))),
    node: process.version,
    redis: await redis.version(),
    posthogNode: versionOf('posthog-node'),
    nodeRedis: versionOf('redis'),
    nest: versionOf('@nestjs/core'),
  };
}

/** @param {string} name */
function versionOf(name) {
  let folder = dirname(require.resolve(name));
  for (;;) {
    const found = manifestIn(folder);
    if (found?.name === name) return found.version;
    if (dirname(folder) === folder) return 'unknown';
    folder = dirname(folder);
  }
}

/** @param {string} folder */
function manifestIn(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {Awaited<ReturnType<typeof describeMachine>> & { loadAtEnd: readonly number[] }} machine */
export function sentenceOf(machine) {
  const { date, cores, cpu, memoryGib, node, redis, posthogNode, nodeRedis, nest } = machine;
  const { loadAtStart, loadAtEnd } = machine;
  return `${date} UTC. ${cores} cores (${cpu}), ${memoryGib} GiB, Node ${node}, Redis ${redis}, posthog-node ${posthogNode}, node-redis ${nodeRedis}, Nest ${nest}. Load averages at the start: ${loadAtStart.join(', ')}; at the end: ${loadAtEnd.join(', ')}.`;
}
