/** Listens to everything that a spec prints, and to everything that its child processes print. */
import { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { expect } from '@jest/globals';
import { namedBy, noticedPiece } from '../support/noticed.js';

type Listener = (chunk: unknown, place: string) => void;

/** Streams and classes of Node outlive the spec that has prepared them; the listener is the last. */
const key = Symbol.for('nestjs-feature-flags:test:printed');

namedBy(() => {
  const { testPath = '', currentTestName = 'outside a test' } = expect.getState();
  return `${testPath.replace(/^.*\/test\//, 'test/')}: ${currentTestName}`;
});

listen(process.stdout, (hear) => {
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    stream.write = (chunk: unknown, ...rest: unknown[]) => {
      hear(chunk, name);
      return write(chunk, ...rest);
    };
  }
});

listen(ChildProcess.prototype, (hear) => {
  const prototype = ChildProcess.prototype as unknown as { spawn: Spawn };
  const { spawn } = prototype;
  prototype.spawn = function observed(options) {
    const result = spawn.call(this, options);
    for (const name of ['stdout', 'stderr'] as const) overhear(this[name], `${name} of ${options.file}`, hear); // prettier-ignore
    return result;
  };
});

/** What `spawn`, `execFile`, `fork` and the others end in. */
type Spawn = (this: ChildProcess, options: { readonly file: string }) => unknown;

function listen(target: object, prepare: (hear: Listener) => void): void {
  const holder = target as Record<symbol, Listener | undefined>;
  const isPrepared = holder[key] !== undefined;
  holder[key] = noticedPiece;
  if (!isPrepared) prepare((chunk, place) => holder[key]?.(chunk, place));
}

/** Without reading from it, which would take from others what they are to read. */
function overhear(stream: Readable | null, place: string, hear: Listener): void {
  if (stream === null) return;
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk !== null) hear(chunk, place);
    return push(chunk, encoding);
  };
}

listen(processOfAll(), (hear) => {
  processOfAll().on('warning', ({ message }) => hear(`${message}\n`, 'a warning'));
});

/** Each spec has a copy of `process`, which Node tells of nothing; the streams are not copied. */
function processOfAll(): NodeJS.Process {
  const { constructor: functionOfAll } = process.stdout.constructor;
  return (functionOfAll as FunctionConstructor)('return process')() as NodeJS.Process;
}
