/**
 * The Lambda sample as a person starts it: real instances of a function, frozen between requests, a
 * DynamoDB and a stub of PostHog. The story checks what it tells; here its end and its words are
 * looked at.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';

const folder = resolve('sample/lambda');

interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
}

function story(): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/local/main.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (exitCode) => done({ exitCode, output }));
  });
}

describe('the story of the function', () => {
  let told: Ended;

  beforeAll(async () => {
    if (!existsSync('dist/esm/index.js') || !existsSync('node_modules/nestjs-feature-flags')) {
      throw new Error('The function runs on the built library: run `npm run build` first.');
    }
    await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: folder });
    told = await story();
  });

  it('comes to its end, and what it tells is so', () => {
    const { exitCode, output } = told;
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    expect(output).toContain('── The end.');
  });

  it('cold: the definitions come from PostHog once, and then from the table', () => {
    expect(told.output).toMatch(/1 flag loaded from http:/);
    expect(told.output).toMatch(
      /1 flag loaded from the shared copy in dynamodb:\/\/\/feature-flags/,
    );
    expect(told.output).toContain('It had them from the table: PostHog was not asked.');
  });

  it('warm: a request costs nothing, but where a look is due', () => {
    expect(told.output).toMatch(/The table was asked \d times: when a look was due/);
  });

  it('frozen: the first answer after it is by what the fleet knows now', () => {
    expect(told.output).toContain('Its first answer is by the new definitions, from the table');
  });

  it('prints no key', () => {
    expect(told.output).not.toMatch(/phs_/);
  });
});
