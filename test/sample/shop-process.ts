/**
 * The quick start as a process of its own, on a free port, as a person starts it: built by its
 * own script, configured by the environment and nothing else.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export const shopFolder = resolve('sample/quickstart');

export interface Shop {
  /** Where it listens, e.g. `http://localhost:40123`. */
  readonly url: string;
  /** What it has printed so far. */
  readonly output: () => string;
  /** Ends it as a terminal would, and tells its exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Builds the sample and starts it, as the last step of `npm start` does. */
export function buildAndStartShop(env: NodeJS.ProcessEnv = {}): Promise<Shop> {
  if (!existsSync('dist/esm/index.js') || !existsSync('node_modules/nestjs-feature-flags')) {
    throw new Error('The quick start runs on the built library: run `npm run build` first.');
  }
  return open(spawnShop('npm', ['run', '--silent', 'start:here'], env));
}

/** Starts the sample that is built already. */
export function startShop(env: NodeJS.ProcessEnv = {}): Promise<Shop> {
  return open(spawnShop(process.execPath, ['dist/main.js'], env));
}

/** For a shop that is expected not to open: what it printed and how it ended. */
export async function failToStart(
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const { child, output } = spawnShop(process.execPath, ['dist/main.js'], env);
  const exitCode = await ended(child);
  return { exitCode, output: output() };
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
}

function spawnShop(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Started {
  const child = spawn(command, args, {
    cwd: shopFolder,
    env: { ...surroundings(), PORT: '0', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that npm's child ends with npm.
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  }
  return { child, output: () => text };
}

/** The environment of the tests, without what would configure the shop. */
function surroundings(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(
    ([name]) => !/^(POSTHOG_|FLAGS_FILE$)/.test(name),
  );
  return Object.fromEntries(others);
}

async function open({ child, output }: Started): Promise<Shop> {
  const url = await new Promise<string>((resolveUrl, reject) => {
    child.stdout?.on('data', () => {
      const found = /The shop is open: (http:\S+)/.exec(output());
      if (found?.[1] !== undefined) resolveUrl(found[1]);
    });
    child.once('exit', () => reject(new Error(`The shop did not open:\n${output()}`)));
    child.once('error', reject);
  });
  return { url, output, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<number | null> {
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  if (hasEnded || child.pid === undefined) return child.exitCode;
  process.kill(-child.pid, 'SIGTERM');
  return ended(child);
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolveCode) => child.once('close', (code) => resolveCode(code)));
}
