/** The command `override` as a process of its own, and an app that heeds what it prints. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { FlagVariant } from '../../lib/index.js';
import { definitionsOf, on } from '../support/flag-definitions.js';
import { closeApps, startApp } from '../request/platforms.js';

const program = join(import.meta.dirname, '..', '..', 'dist', 'esm', 'cli', 'main.js');
const key = 'an override key of 32 bytes or so';

interface Ended {
  readonly code: number;
  readonly said: string;
  readonly complained: string;
}

function command(
  args: readonly string[],
  env: Record<string, string> = { FEATURE_FLAGS_OVERRIDE_KEY: key },
): Promise<Ended> {
  // prettier-ignore
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    execFile(process.execPath, [program, 'override', ...args], options, (error, said, complained) => {
      resolve({ code: error === null ? 0 : Number(error.code), said, complained });
    });
  });
}

function contentOf({ said }: Ended): Record<string, unknown> {
  const [, content = ''] = said.split('.');
  return JSON.parse(Buffer.from(content, 'base64url').toString()) as Record<string, unknown>;
}

@Controller()
class Shop {
  @Get()
  theme(@FlagVariant('theme') theme: string | undefined) {
    return theme ?? 'none';
  }
}

afterEach(closeApps);

describe('override', () => {
  it('prints, and nothing else, what an app heeds', async () => {
    const ended = await command(['--flag', 'theme=dark', '--for', '2h']);
    expect(ended).toMatchObject({ code: 0, said: expect.stringMatching(/^v1\.[\w-]+\.[\w-]{43}\n$/) }); // prettier-ignore
    expect(ended.complained).toMatch(/^It overrides theme until 20.*Z\./);
    const { http } = await startApp('Express', {
      controllers: [Shop],
      definitions: definitionsOf(on('theme')),
      options: {
        context: () => ({ distinctId: 'ada' }),
        overrides: { keys: [key], flags: ['theme'] },
      },
    });
    await http.get('/').set('x-feature-flags-override', ended.said.trim()).expect(200, 'dark');
  });

  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
  ])('holds for %s', async (time, ms) => {
    const content = contentOf(await command(['--flag', 'a', '--for', time]));
    const { issuedAt, expiresAt } = content as { issuedAt: number; expiresAt: number };
    expect(expiresAt - issuedAt).toBe(ms);
  });

  it('takes flags on, off and with a variant, a person and an audience', async () => {
    const flags = ['--flag', 'a', '--flag', 'b=true', '--flag', 'c=false', '--flag', 'd=x=y'];
    const whom = ['--distinct-id', 'ada', '--audience', 'shop'];
    const content = contentOf(await command([...flags, ...whom, '--for', '1h']));
    expect(content).toMatchObject({
      flags: { a: true, b: true, c: false, d: 'x=y' },
      distinctId: 'ada',
      audience: 'shop',
    });
  });

  it.each([
    ['', /key: has 0 bytes/],
    ['x', /key: has 1 byte, and 32 are the least/],
    ['s3cret', /key: has 6 bytes, and 32 are the least/],
  ])(
    'with the key %j says what a key must be, and where it comes from',
    async (wrong, expected) => {
      const env = { FEATURE_FLAGS_OVERRIDE_KEY: wrong };
      const ended = await command(['--flag', 'a', '--for', '1h'], env);
      expect(ended).toMatchObject({
        code: 1,
        said: '',
        complained: expect.stringMatching(expected),
      });
      expect(ended.complained).toContain('The key comes from FEATURE_FLAGS_OVERRIDE_KEY.');
      expect(ended.complained).not.toContain('s3cret');
    },
  );

  it('for longer than an app allows by default says so, and signs', async () => {
    const hint = 'overrides.maxLifetimeMs';
    const long = await command(['--flag', 'a', '--for', '8d']);
    expect(long).toMatchObject({ code: 0, said: expect.stringMatching(/^v1\./) });
    expect(long.complained).toMatch(/longer than the 7 days that apps allow by default/);
    expect(long.complained).toContain(hint);
    expect((await command(['--flag', 'a', '--for', '7d'])).complained).not.toContain(hint);
  });

  it('for longer than any app allows fails', async () => {
    expect(await command(['--flag', 'a', '--for', '31d'])).toMatchObject({
      code: 1,
      said: '',
      complained: expect.stringMatching(/more than 30 days/),
    });
  });

  it.each([
    [[], /Give --flag/],
    [['--for', '1h'], /Give --flag/],
    [['--flag', 'a', '--flag', 'a=false', '--for', '1h'], /each key once/],
    [['--flag', 'a'], /--for takes a time/],
    [['--flag', 'a', '--for', '2 hours'], /--for takes a time/],
    [['--flag', 'a', '--for', '1h', '--key', 's3cret'], /no such flag/],
    [['--flag', 'a', '--for', '1h', 's3cret'], /a word without a flag/],
  ])('on a line that is wrong answers with the usage: %p', async (args, expected) => {
    const ended = await command(args);
    expect(ended).toMatchObject({ code: 2, said: '', complained: expect.stringMatching(expected) });
    expect(ended.complained).toContain('Usage: nestjs-feature-flags');
    expect(ended.complained).not.toContain('s3cret');
  });
});
