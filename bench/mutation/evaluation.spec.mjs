/**
 * All specs of the evaluator as one: the evaluator is loaded once, not once for each file, which
 * is most of what meeting a mutant costs. Those that take long come last.
 */
import { readdirSync } from 'node:fs';

const folder = new URL('../../test/core/evaluation/', import.meta.url);
const specs = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.spec.ts'))
  .toSorted((left, right) => rank(left) - rank(right));

for (const name of specs) await import(`../../test/core/evaluation/${name}`);

/** @param {string} name */
function rank(name) {
  return /utc-timestamp|reference-graph|bucketing/.test(name) ? 1 : 0;
}
