/** What every system has to answer, said by a few lines that know none of them. */

/**
 * The value where no hash is asked; `'hashed'` where only the shares can be foretold.
 * @param {import('./workloads.mjs').Flag} flag
 * @param {import('./users.mjs').User} user
 */
export function expectedOf({ conditions, variants }, user) {
  const first = conditions.find(({ filters, tree }) =>
    [...filters, ...(tree === undefined ? [] : [tree])].every((part) => holds(part, user)),
  );
  if (first === undefined) return false;
  return first.rollout < 100 || variants !== undefined ? 'hashed' : true;
}

/**
 * @param {import('./workloads.mjs').Tree} tree
 * @param {import('./users.mjs').User} user
 * @returns {boolean}
 */
function holds(tree, user) {
  if ('all' in tree) return tree.all.every((part) => holds(part, user));
  if ('any' in tree) return tree.any.some((part) => holds(part, user));
  const actual = user.properties[tree.property] ?? '';
  const { operator, value } = tree;
  if (operator === 'is') return actual === value;
  if (operator === 'contains') return String(actual).includes(String(value));
  if (operator === 'matches') return new RegExp(String(value)).test(String(actual));
  if (operator === 'version') return order(String(actual), String(value)) >= 0;
  // ISO timestamps of one form are ordered as texts are.
  return actual > value;
}

/** @param {string} left @param {string} right */
function order(left, right) {
  const [a, b] = [left, right].map((text) => text.split('.').map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
