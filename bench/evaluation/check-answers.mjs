/**
 * Before anything is timed, every system answers for all users: where no hash decides, exactly as
 * expected; where one does, in the shares that were asked for. Ours and posthog-node must give
 * the same people the same values.
 */
import { expectedOf } from './expected.mjs';
import { users } from './users.mjs';

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('./systems/system.mjs').Opened} opened
 * @returns {Promise<readonly unknown[]>} the values, flag by flag for each user
 */
export async function answersOf(workload, opened) {
  const values = [];
  for (const context of opened.contexts) {
    const answer = await opened.evaluate(context);
    for (const { key } of workload.flags) values.push(opened.valueOf(answer, key));
  }
  return values;
}

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {readonly unknown[]} values
 * @param {string} system
 */
export function checkAnswers({ name, flags }, values, system) {
  flags.forEach((flag, position) => {
    const own = users.map((_, user) => values[user * flags.length + position]);
    const place = `${system}, workload "${name}", flag "${flag.key}"`;
    const hashed = users.flatMap((user, index) => {
      const expected = expectedOf(flag, user);
      if (expected === 'hashed') return [own[index]];
      // A flag of a system may be a text that says "off".
      const actual = own[index] === 'off' ? false : own[index];
      if (actual === expected) return [];
      throw new Error(`${place}: ${user.id} got ${String(actual)}, expected ${expected}.`);
    });
    checkShares(flag, hashed, place);
  });
}

/**
 * @param {import('./workloads.mjs').Flag} flag
 * @param {readonly unknown[]} values
 * @param {string} place
 */
function checkShares({ variants, conditions }, values, place) {
  if (values.length === 0) return;
  const shares = variants ?? [{ key: true, percentage: conditions[0]?.rollout ?? 100 }];
  for (const { key, percentage } of shares) {
    const share = (values.filter((value) => value === key).length / values.length) * 100;
    if (Math.abs(share - percentage) <= percentage * 0.35) continue;
    throw new Error(`${place}: ${share.toFixed(1)} % got ${key}, expected ${percentage} %.`);
  }
}
