/**
 * Fails the run when a planted word was told: by what a spec printed or its child processes did,
 * by a line that a kept logger was given, by console output that jest keeps back, or by anything
 * else that reaches the terminal while the run lasts. Says where; the word itself is not repeated.
 */
import { relative } from 'node:path';
import { LONGEST_SPELLING, tellingPart } from './planted-word.mjs';
import { findings, reportHere } from './printed-findings.mjs';

export default class PlantedWordsReporter {
  constructor() {
    watch(process.stdout, 'stdout');
    watch(process.stderr, 'stderr');
  }

  onTestResult({ path }, { console: printed }) {
    for (const { message, type } of printed ?? []) {
      const part = tellingPart(String(message));
      if (part !== undefined) reportHere(`${relative('.', path)}: console.${type}: ${part}`);
    }
  }

  onRunComplete() {
    const found = findings();
    if (found.length === 0) return;
    const lines = found.map((finding) => `  ${finding}\n`).join('');
    process.stderr.write(
      `\nA secret or a property value was told, ${found.length} times:\n${lines}`,
    );
  }

  getLastError() {
    const { length } = findings();
    return length === 0 ? undefined : new Error(`Planted words were told, ${length} times.`);
  }
}

/** What is on its way to the terminal: of the workers too, and of what they let print there. */
function watch(stream, name) {
  const write = stream.write;
  let tail = '';
  stream.write = function watched(chunk, ...rest) {
    const text = tail + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const part = tellingPart(text);
    if (part !== undefined) reportHere(`${name} of the run: ${part}`);
    tail = part === undefined ? text.slice(-LONGEST_SPELLING) : '';
    return write.call(this, chunk, ...rest);
  };
}
