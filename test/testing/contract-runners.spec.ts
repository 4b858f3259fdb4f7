/**
 * The contract suites under another runner than this one: node:test, given as an option, from the
 * built package. That they run under jest is shown by all the other specs.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import { describeRecordStore } from '../../lib/testing.js';
import { memoryPlace } from '../support/record-places.js';

const run = promisify(execFile);
const parent = resolve('node_modules/.cache/contract-runners');
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'node-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A provider in memory, with a lock; `released` is what its shutdown does. */
const suite = (released: string) => `
import { describe, it } from 'node:test';
import { describeFlagDefinitionCacheProvider } from 'nestjs-feature-flags/testing';

function open() {
  const shared = { stored: undefined, lock: undefined };
  const another = () => {
    const provider = {
      getFlagDefinitions: () => shared.stored && JSON.parse(shared.stored),
      shouldFetchFlagDefinitions: () => (shared.lock ??= provider) === provider,
      onFlagDefinitionsReceived: (data) => void (shared.stored = JSON.stringify(data)),
      shutdown: () => ${released},
    };
    return provider;
  };
  return { another, close: () => undefined, advanceMs: () => undefined };
}

const lacks = { stopServer: 'memory', startServer: 'memory', takeover: 'memory' };
describeFlagDefinitionCacheProvider('in memory', open, { runner: { describe, it }, lacks });
`;

async function underNodeTest(name: string, text: string) {
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, text);
  // The runner of this test must not be taken for a parent.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const args = ['--test', '--test-reporter=tap', file];
  return run(process.execPath, args, { env }).then(
    ({ stdout }) => ({ hasPassed: true, stdout }),
    ({ stdout }: { stdout: string }) => ({ hasPassed: false, stdout }),
  );
}

describe('under node:test', () => {
  it('a good provider passes', async () => {
    const good = 'void (shared.lock === provider && (shared.lock = undefined))';
    const { hasPassed, stdout } = await underNodeTest('good', suite(good));
    expect(stdout).toMatch(/ok \d+ - F01: is not freed/);
    expect(hasPassed).toBe(true);
  });

  it('a bad one fails, by name', async () => {
    const { hasPassed, stdout } = await underNodeTest(
      'bad',
      suite('void (shared.lock = undefined)'),
    );
    expect(hasPassed).toBe(false);
    expect(stdout.match(/not ok \d+ - F\d\d.*/g)).toEqual([
      expect.stringContaining('F01: is not freed by one that shuts down'),
    ]);
  });
});

describe('without a runner', () => {
  it('says what to do', () => {
    const runner = {} as never;
    expect(() => describeRecordStore('x', memoryPlace, { runner })).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        message: expect.stringContaining('the option runner'),
      }),
    );
  });
});
