/**
 * Who has told a planted word during the run, and where. Workers write it into a file, which the
 * reporter reads at the end; the reporter's own findings stay here.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** @type {string[]} */
const own = [];

/**
 * From a worker.
 * @param {string} finding one line
 */
export function report(finding) {
  const file = process.env['TEST_PRINTED_FINDINGS'];
  if (file === undefined) throw new Error(`A planted word was told: ${finding}`);
  appendFileSync(file, `${finding}\n`);
}

/** From the process of the reporter. @param {string} finding */
export function reportHere(finding) {
  own.push(finding);
}

/** All of the run so far, each once. */
export function findings() {
  const file = process.env['TEST_PRINTED_FINDINGS'] ?? '';
  const written = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return [...new Set([...written, ...own])].filter((line) => line !== '');
}
