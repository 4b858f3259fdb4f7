/** Tells planted words in every way that must be found: run by planted-words.spec.ts alone. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { EverythingTold } from '../../support/everything-told.js';
import { KeptLog } from '../../support/kept-log.js';
import { planted } from '../../support/planted.js';

const { secretKey, value, password } = planted;
const node = process.execPath;

it.each<[string, () => unknown]>([
  ['nothing', () => process.stdout.write('nothing of note\n')],
  ['console', () => console.log(`a ${secretKey}`)],
  ['stdout', () => process.stdout.write(`a ${value}\n`)],
  ['stderr', () => process.stderr.write(`a ${value}\n`)],
  [
    'two pieces',
    () => [value.slice(0, 4), value.slice(4)].map((text) => process.stdout.write(text)),
  ],
  ['base64', () => process.stdout.write(Buffer.from(`ab${password}`).toString('base64'))],
  ['hexadecimal', () => process.stdout.write(Buffer.from(password).toString('hex'))],
  [
    'a warning',
    () => {
      process.emitWarning(`a ${value}`);
      return new Promise(setImmediate);
    },
  ],
  ['a kept log', () => new KeptLog().warn(`a ${value}`)],
  ['a log of everything', () => new EverythingTold().logger.error({ deep: [{ value }] })],
  ['a process that is read', () => promisify(execFile)(node, ['-e', `console.log('${value}')`])],
  ['a process that nobody reads', async () => once(spawn(node, ['-e', `console.error('${value}')`]).stderr, 'readable')], // prettier-ignore
  ['a process in the same terminal', () => once(spawn(node, ['-e', `console.log('from beside ${value}')`], { stdio: 'inherit' }), 'exit')], // prettier-ignore
])('by %s', async (_way, tell) => {
  await tell();
  expect(true).toBe(true);
});
