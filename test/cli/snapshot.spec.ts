/** The command as a process of its own, against a server with PostHog's endpoint. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DefinitionsServer } from '../support/definitions-server.js';
import { documentOf } from '../support/scripted-source.js';

const program = join(import.meta.dirname, '..', '..', 'dist', 'esm', 'cli', 'main.js');
let server: DefinitionsServer;
let folder: string;
let out: string;

beforeEach(async () => {
  server = await new DefinitionsServer({ definitions: documentOf(['a', 'b']) }).start();
  folder = mkdtempSync(join(tmpdir(), 'flags-snapshot-'));
  out = join(folder, 'flags.snapshot.json');
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}

/** Runs the command with the keys of the project in its environment, or others. */
function command(args: readonly string[], env: Record<string, string> = keys()): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    execFile(process.execPath, [program, ...args], options, (error, said, complained) => {
      resolve({ code: error === null ? 0 : Number(error.code), said, complained });
    });
  });
}

function keys(): Record<string, string> {
  const { host, projectApiKey, secretKey } = server;
  return { POSTHOG_HOST: host, POSTHOG_PROJECT_API_KEY: projectApiKey, POSTHOG_SECRET_KEY: secretKey }; // prettier-ignore
}

function snapshot(): Record<string, unknown> {
  return JSON.parse(readFileSync(out, 'utf8')) as Record<string, unknown>;
}

describe('snapshot --out', () => {
  it('writes what PostHog has, with when and where, and nothing else into the folder', async () => {
    const ended = await command(['snapshot', '--out', out]);
    expect(ended).toEqual({ code: 0, said: `${out}: 2 flags from ${server.host}.\n`, complained: '' }); // prettier-ignore
    expect(snapshot()).toMatchObject({
      format: 'nestjs-feature-flags/snapshot',
      version: 1,
      takenAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      source: server.host,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      definitions: { flags: [{ key: 'a' }, { key: 'b' }] },
    });
    expect(readdirSync(folder)).toEqual(['flags.snapshot.json']);
    expect(server.definitionRequests).toHaveLength(1);
  });

  it('takes host and project from flags, before the environment', async () => {
    const { host, projectApiKey, secretKey } = server;
    const flags = ['--host', host, '--project-api-key', projectApiKey, '--timeout-ms', '60000'];
    const env = { POSTHOG_HOST: 'http://127.0.0.1:1', POSTHOG_SECRET_KEY: secretKey };
    expect(await command(['snapshot', '--out', out, ...flags], env)).toMatchObject({ code: 0 });
  });

  it.each([
    ['refuses the key', { status: 401, body: {} }, /HTTP 401/],
    ['has an error', { status: 500, body: {} }, /HTTP 500/],
    ['sends what is no document', { body: { flags: 'none' } }, /No snapshot was taken/],
    ['sends no JSON', { body: '<html>' }, /not JSON/],
  ])('fails and keeps the file that was there when PostHog %s', async (_what, answer, expected) => {
    await command(['snapshot', '--out', out]);
    const before = readFileSync(out, 'utf8');
    server.next(answer);
    const ended = await command(['snapshot', '--out', out]);
    expect(ended).toMatchObject({ code: 1, said: '' });
    expect(ended.complained).toMatch(expected);
    expect(readFileSync(out, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['flags.snapshot.json']);
  });

  it('fails in time when PostHog does not answer, and when nobody listens', async () => {
    server.next({ fault: 'no-headers' });
    const slow = await command(['snapshot', '--out', out, '--timeout-ms', '300']);
    expect(slow).toMatchObject({ code: 1, complained: expect.stringMatching(/300 ms/) });
    const nobody = { ...keys(), POSTHOG_HOST: 'http://127.0.0.1:1' };
    expect(await command(['snapshot', '--out', out], nobody)).toMatchObject({ code: 1 });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says when it cannot write, and leaves nothing behind', async () => {
    const nowhere = join(folder, 'no', 'such', 'folder.json');
    const ended = await command(['snapshot', '--out', nowhere]);
    expect(ended).toMatchObject({ code: 1, complained: expect.stringMatching(/ENOENT/) });
    // A folder cannot be replaced by a file.
    const isFolder = await command(['snapshot', '--out', folder]);
    expect(isFolder).toMatchObject({ code: 1, complained: expect.stringMatching(/could not be written/) }); // prettier-ignore
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes what other users can read, as an image needs it', async () => {
    chmodSync(folder, 0o755);
    await command(['snapshot', '--out', out]);
    const { statSync } = await import('node:fs');
    expect(statSync(out).mode & 0o444).toBe(0o444);
  });
});

describe('snapshot --check', () => {
  it('says how many flags there are, of whom, and how old', async () => {
    await command(['snapshot', '--out', out]);
    const ended = await command(['snapshot', '--check', out, '--max-age-ms', '60000'], {});
    expect(ended).toMatchObject({ code: 0, complained: '' });
    expect(ended.said).toMatch(/: 2 flags from http:\/\/127.* taken 20.*Z \(.* ago\)\./);
  });

  it('fails for a file that is too old', async () => {
    await command(['snapshot', '--out', out]);
    writeFileSync(out, JSON.stringify({ ...snapshot(), takenAt: '2020-01-01T00:00:00Z' }));
    expect(await command(['snapshot', '--check', out], {})).toMatchObject({ code: 0 });
    const old = await command(['snapshot', '--check', out, '--max-age-ms', '60000'], {});
    expect(old).toMatchObject({
      code: 1,
      complained: expect.stringMatching(/older than the 60 s/),
    });
    const strict = await command(['snapshot', '--check', out, '--max-age-ms', '1'], {});
    expect(strict.complained).toContain('It is older than the 1 ms of --max-age-ms.');
  });

  it('fails for a file of another project or host than those of the environment', async () => {
    await command(['snapshot', '--out', out]);
    const { projectApiKey } = server;
    const check = ['snapshot', '--check', out];
    expect(await command(check)).toMatchObject({ code: 0, complained: '' });
    // Where only the project is known, the host is no matter.
    const own = { POSTHOG_PROJECT_API_KEY: projectApiKey };
    expect(await command(check, own)).toMatchObject({ code: 0, complained: '' });
    for (const [args, env] of [
      [[], { POSTHOG_PROJECT_API_KEY: 'phc_another' }],
      [['--project-api-key', 'phc_another'], own],
      [[], { ...own, POSTHOG_HOST: 'http://127.0.0.1:1' }],
      [['--host', 'http://127.0.0.1:1'], own],
    ] as const) {
      const other = await command([...check, ...args], env);
      expect(other).toMatchObject({ code: 1, complained: expect.stringMatching(/another project or host/) }); // prettier-ignore
      expect(other.complained).not.toContain('phc_');
    }
    const wrong = await command(check, { ...own, POSTHOG_HOST: 'posthog' });
    expect(wrong).toMatchObject({ code: 1, complained: expect.stringMatching(/The host must be/) });
  });

  it.each([
    ['is not there', undefined, /is not there.*Take one with: npx nestjs-feature-flags snapshot/],
    ['was cut', (text: string) => text.slice(0, -20), /not written to its end/],
    ['was edited', (text: string) => text.replace('"key":"a"', '"key":"c"'), /was edited/],
    ['is of another kind', () => '{"flags":[]}', /is no snapshot/],
    ['is of a newer version', (text: string) => text.replace('"version":1', '"version":2'), /version 2/], // prettier-ignore
  ])('fails for a file that %s', async (_what, spoil, expected) => {
    await command(['snapshot', '--out', out]);
    const text = readFileSync(out, 'utf8');
    if (spoil === undefined) rmSync(out);
    else writeFileSync(out, spoil(text));
    const ended = await command(['snapshot', '--check', out], {});
    expect(ended).toMatchObject({ code: 1, said: '' });
    expect(ended.complained).toMatch(expected);
  });
});

describe('a command line', () => {
  it.each([
    [[], /two commands: snapshot and override/],
    [['take'], /two commands: snapshot and override/],
    [['snapshot'], /either --out <file> or --check <file>/],
    [['snapshot', '--out', 'a', '--check', 'b'], /either --out/],
    [['snapshot', '--out'], /A flag has no value/],
    [['snapshot', '--out', 'a', '--secret-key', 'phs_s3cret'], /no such flag/],
    [['snapshot', '--out', 'a', '--timeout-ms', 'soon'], /take milliseconds/],
  ])('that is wrong is answered with the usage: %p', async (args, expected) => {
    const ended = await command(args);
    expect(ended).toMatchObject({ code: 2, said: '' });
    expect(ended.complained).toMatch(expected);
    expect(ended.complained).toContain('Usage: nestjs-feature-flags snapshot');
    expect(ended.complained).not.toContain('s3cret');
  });

  it('without keys says which variables to set, and prints no key that it was given', async () => {
    const without = await command(['snapshot', '--out', out], {});
    expect(without).toMatchObject({ code: 2, said: '' });
    expect(without.complained).toMatch(/projectApiKey[^]*secretKey[^]*POSTHOG_SECRET_KEY/);
    const swapped = { ...keys(), POSTHOG_PROJECT_API_KEY: 'phs_s3cret', POSTHOG_SECRET_KEY: 's3cret' }; // prettier-ignore
    expect((await command(['snapshot', '--out', out], swapped)).complained).not.toContain('s3cret');
    const denied = { ...keys(), POSTHOG_SECRET_KEY: 'phs_s3cret' };
    const ended = await command(['snapshot', '--out', out], denied);
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.said + ended.complained).not.toContain('s3cret');
  });

  it('helps who asks', async () => {
    const ended = await command(['--help']);
    expect(ended).toMatchObject({ code: 0, complained: '' });
    expect(ended.said).toMatch(/^Usage: nestjs-feature-flags snapshot --out <file>/);
  });
});
