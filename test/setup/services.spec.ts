/** The real services that the suites need are really there, and none outlives its owner. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';
import { findChromium } from './chromium.mjs';
import { eventually } from './free-port.mjs';
import { startPostgres } from './postgres.mjs';

const run = promisify(execFile);
/** The first start on a new machine may install a package. */
const installLimitMs = 300_000;

describe('the Redis of the suite', () => {
  const client = createClient({ url: process.env['TEST_REDIS_URL'] });
  beforeAll(() => client.connect());
  afterAll(() => client.disconnect());

  it('answers PING', async () => {
    await expect(client.ping()).resolves.toBe('PONG');
  });
});

describe('a PostgreSQL that a suite asks for', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, installLimitMs);
  afterAll(() => postgres.stop());

  it('answers SELECT 1', async () => {
    const { stdout } = await run(postgres.psql, [postgres.url, '-tAc', 'SELECT 1']);
    expect(stdout.trim()).toBe('1');
  });
});

describe('the browser of the quick start', () => {
  it(
    'is a Chromium that can be run',
    async () => {
      const { stdout } = await run(await findChromium(), ['--version']);
      expect(stdout).toMatch(/chrom/i);
    },
    installLimitMs,
  );
});

describe('a tethered process', () => {
  it('is ended, and its folder removed, when its owner is killed', async () => {
    const owner = spawn(process.execPath, ['--input-type=module', '-e', ownerScript()], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [firstOutput] = (await once(owner.stdout, 'data')) as [Buffer];
    const folder = firstOutput.toString().trim();
    expect(existsSync(folder)).toBe(true);
    const pidFile = join(folder, 'pid');
    expect(await eventually(() => existsSync(pidFile))).toBe(true);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);

    owner.kill('SIGKILL');

    expect(await eventually(() => !isAlive(pid) && !existsSync(folder))).toBe(true);
  });
});

/** A process that tethers a server, which writes its pid into its folder, and then waits. */
function ownerScript(): string {
  const module = new URL('./tethered-process.mjs', import.meta.url).href;
  return `
    import { mkdtempSync } from 'node:fs';
    import { tmpdir } from 'node:os';
    import { join } from 'node:path';
    import { startTethered } from ${JSON.stringify(module)};
    const folder = mkdtempSync(join(tmpdir(), 'flags-tethered-'));
    startTethered({ command: '/bin/sh', args: ['-c', 'echo $$ > new; mv new pid; exec sleep 600'], folder });
    console.log(folder);
    setInterval(() => undefined, 1_000);
  `;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
