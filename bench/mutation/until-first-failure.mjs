/**
 * The environment in which the specs meet a mutant. The first test that fails has noticed it, so
 * those after it are passed over; those that do not reach it are taken out before the run, which
 * is a third less work than to skip each of them. Three long comparisons at random are passed over
 * in every run: they cost more than all the others together, and what only luck finds today is
 * not found tomorrow.
 */
import { TestEnvironment } from 'jest-environment-node';

const passedOver = [
  'is the same for random ids of all kinds, also where the next flag asks for the same id',
  'match the same in both engines',
  'answers as one that takes no place, whatever changed',
];

/**
 * @typedef {object} Part a test, or a block of them
 * @property {'test' | 'describeBlock'} type
 * @property {string} name
 * @property {Part[]} [children]
 * @property {string | null} [mode]
 */

export default class UntilFirstFailure extends TestEnvironment {
  #hasFailed = false;

  /**
   * @param {{ name: string, test?: Part }} event
   * @param {{ rootDescribeBlock: Part, testNamePattern?: RegExp | null }} state
   */
  async handleTestEvent({ name, test }, { rootDescribeBlock, testNamePattern }) {
    if (name === 'run_start' && testNamePattern) {
      for (const part of rootDescribeBlock.children ?? []) keepMatching(part, '', testNamePattern);
    }
    if (name === 'test_fn_failure' || name === 'hook_failure') this.#hasFailed = true;
    if (name !== 'test_start' || test === undefined) return;
    if (this.#hasFailed || passedOver.includes(test.name)) test.mode = 'skip';
  }
}

/** @param {Part} block @param {string} above @param {RegExp} pattern */
function keepMatching(block, above, pattern) {
  const path = `${above}${block.name} `;
  block.children = block.children?.filter((part) => {
    if (part.type === 'test') return pattern.test(`${path}${part.name}`);
    keepMatching(part, path, pattern);
    return part.children?.length !== 0;
  });
}
