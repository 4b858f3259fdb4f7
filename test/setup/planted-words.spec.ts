/**
 * The scan of everything that is printed has teeth: a run in which planted words are told, in every
 * way there is, fails and says where. That run has a word of its own, lest it fail this one.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { tellingPart, plantedWord } from './planted-word.mjs';

describe('a run in which planted words are told', () => {
  let exitCode: unknown;
  let output = '';
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'flags-telling-'));
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
    const config = ['--config', 'test/setup/telling/jest.config.mjs', '--maxWorkers', '2'];
    // Without the times of the last run, after which jest would do without workers.
    const args = [...jest, ...config, '--cacheDirectory', join(folder, 'cache')];
    const own = { TEST_PLANTED_WORD: 'Qother9x', TEST_PRINTED_FINDINGS: join(folder, 'findings') };
    await new Promise<void>((resolve) => {
      execFile(
        process.execPath,
        args,
        { env: { ...process.env, ...own } },
        (error, out, errors) => {
          exitCode = error?.code;
          output = out + errors;
          resolve();
        },
      );
    });
  });

  it('fails, though every test of it has passed', () => {
    expect(output).toMatch(/Tests: +14 passed, 14 total/);
    expect(output).toMatch(/^14 passed, [1-9]\d* failed, 0 skipped$/m);
    expect(exitCode).not.toBe(0);
  });

  it.each([
    'by console: stdout: |tells.telling.ts: console.log: a phs_[planted]',
    'by stdout: stdout: ',
    'by stderr: stderr: ',
    'by two pieces: stdout: [planted]-value',
    'by base64: stdout: ',
    'by hexadecimal: stdout: ',
    'by a kept log: warn: a [planted]-value',
    'by a log of everything: log: ',
    'by a warning: a warning: ',
    'by a process that is read: stdout of ',
    'by a process that nobody reads: stderr of ',
    'from beside [planted]-value',
  ])('names the place: %s', (places) => {
    expect(places.split('|').some((place) => output.includes(place))).toBe(true);
  });

  it('names nobody who has told nothing', () => {
    expect(output).not.toMatch(/by nothing: |quiet\.telling\.ts: /);
  });
});

describe('the planted word', () => {
  it.each([0, 1, 2, 3, 4])('is found in base64 behind %i letters', (letters) => {
    const text = `${'x'.repeat(letters)}${plantedWord}, and more`;
    expect(tellingPart(Buffer.from(text).toString('base64'))).toBeDefined();
    expect(tellingPart(Buffer.from(text).toString('base64url'))).toBeDefined();
  });

  it('is found in a text, and left out of what is said of it', () => {
    expect(tellingPart(`a ${plantedWord}-key`)).toBe('a [planted]-key');
    expect(tellingPart('a text without it')).toBeUndefined();
  });
});
