/**
 * The README's first example does what the README says: it is cut out of the page, type-checked,
 * run as it stands against a server with PostHog's endpoint, and asked with the curl lines of
 * the page. Only the server is ours.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { transformSync } from '@swc/core';
import { eventually, freePort, isListening } from './setup/free-port.mjs';
import { DefinitionsServer } from './support/definitions-server.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const run = promisify(execFile);

const example = block('ts');
const console_ = block('console');
const answers = [...console_.matchAll(/^\$ curl -H '(.+?): (.+?)' localhost:3000(\S+)\n(.+)$/gm)];

/** One flag with a variant, for ada alone. */
const definitions = {
  flags: [
    flagFor('new-checkout', 'ada'),
    {
      ...flagFor('buy-button', 'ada'),
      filters: {
        groups: [{ properties: [], rollout_percentage: 100 }],
        multivariate: { variants: [{ key: 'green', rollout_percentage: 100 }] },
      },
    },
  ],
  group_type_mapping: {},
  cohorts: {},
};

function flagFor(key: string, distinctId: string) {
  const properties = [
    { key: 'distinct_id', type: 'person', value: [distinctId], operator: 'exact' },
  ];
  return {
    id: 1,
    key,
    active: true,
    filters: { groups: [{ properties, rollout_percentage: 100 }] },
  };
}

/** A module that sends what is meant for PostHog to another host. */
function posthogIsAt(host: string): string {
  return `const { fetch } = globalThis;
globalThis.fetch = (url, init) =>
  fetch(String(url).replace('https://us.i.posthog.com', '${host}'), init);`;
}

/** The first fenced block of a language. */
function block(language: string): string {
  const found = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(readme);
  if (found?.[1] === undefined) throw new Error(`README.md has no block of ${language}`);
  return found[1];
}

describe('the README', () => {
  const folder = join(root, 'node_modules', '.cache', 'readme');
  const server = new DefinitionsServer({
    definitions,
    projectApiKey: 'phc_yours',
    secretKey: 'phs_yours',
  });
  let app: ChildProcess;
  let port: number;
  let work: string;

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true });
    work = mkdtempSync(join(folder, 'example-'));
    writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(work, 'main.ts'), example);
    const config = JSON.parse(readFileSync(join(root, '.swcrc'), 'utf8')) as object;
    const { code } = transformSync(example, { ...config, swcrc: false, filename: 'main.ts' });
    writeFileSync(join(work, 'main.js'), code);
    await server.start();
    writeFileSync(join(work, 'posthog-is-here.mjs'), posthogIsAt(server.host));
    port = await freePort();
    app = spawn(process.execPath, ['--import', './posthog-is-here.mjs', 'main.js'], {
      cwd: work,
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [app.stdout!, app.stderr!]) stream.on('data', (text) => (printed += text));
    if (!(await eventually(() => isListening(port)))) throw new Error(printed);
  });

  afterAll(async () => {
    if (app.exitCode === null) {
      app.kill('SIGKILL');
      await once(app, 'exit');
    }
    await server.close();
    rmSync(work, { recursive: true, force: true });
  });

  it('is no longer than 150 lines, its first example no longer than 25', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(150);
    expect(example.trimEnd().split('\n').length).toBeLessThanOrEqual(25);
  });

  it('shows an example whose types are right', async () => {
    const flags =
      '--ignoreConfig --noEmit --strict --skipLibCheck --experimentalDecorators --emitDecoratorMetadata';
    const options = `${flags} --target es2022 --module nodenext --types node`.split(' ');
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const complaints = await run(process.execPath, [tsc, ...options, 'main.ts'], {
      cwd: work,
    }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(complaints).toBe('');
  });

  it('has two answers to compare with', () => {
    expect(answers).toHaveLength(2);
  });

  it.each(answers.map(([, header, value, path, answer]) => ({ header, value, path, answer })))(
    'prints what $value gets: $answer',
    async ({ header, value, path, answer }) => {
      const headers = { [header!]: value! };
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });

      expect(await response.text()).toBe(answer);
    },
  );

  it('gives the two commands that set everything up', () => {
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm ci && npm test');
  });
});
