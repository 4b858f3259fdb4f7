/**
 * What is evaluated, in words that belong to none of the systems; each of them translates it into
 * definitions of its own.
 */

/**
 * @typedef {object} Filter
 * @property {string} property
 * @property {'is' | 'contains' | 'above' | 'matches' | 'version' | 'after'} operator `version`:
 *   that one or a newer one
 * @property {string | number} value
 */

/** @typedef {Filter | { readonly all: readonly Tree[] } | { readonly any: readonly Tree[] }} Tree */

/**
 * One flag: on, or a variant, for whom one of the conditions lets in.
 * @typedef {object} Flag
 * @property {string} key
 * @property {readonly Condition[]} conditions
 * @property {readonly Variant[]} [variants]
 */

/**
 * With `apart` each level of the tree is something of its own with a name, where the system has that: a
 * cohort that holds other cohorts.
 * @typedef {{ readonly filters: readonly Filter[], readonly tree?: Tree, readonly apart?: boolean, readonly rollout: number }} Condition
 */

/** @typedef {{ readonly key: string, readonly percentage: number }} Variant */

/** @typedef {{ readonly name: string, readonly flags: readonly Flag[], readonly all?: boolean }} Workload */

/** @param {string} property @param {Filter['operator']} operator @param {string | number} value @returns {Filter} */
const where = (property, operator, value) => ({ property, operator, value });

/** @param {string} key @returns {Flag} */
const rollout = (key) => ({ key, conditions: [{ filters: [], rollout: 50 }] });

/** @param {string} key @param {string} [plan] @returns {Flag} */
const equality = (key, plan = 'pro') => ({
  key,
  conditions: [{ filters: [where('plan', 'is', plan)], rollout: 50 }],
});

/** Four conditions fail, at their first, second, third and third filter; the fifth matches. */
const fifteenFilters = [
  [
    where('country', 'is', 'nowhere'),
    where('email', 'contains', 'example'),
    where('age', 'above', 17),
  ],
  [where('tier', 'is', 'gold'), where('company', 'contains', 'zenith'), where('seats', 'above', 3)],
  [where('language', 'is', 'en'), where('email', 'contains', '@'), where('score', 'above', 1000)],
  [where('language', 'is', 'en'), where('city', 'contains', 'ber'), where('visits', 'above', 500)],
  [
    where('browser', 'is', 'firefox'),
    where('device', 'contains', 'book'),
    where('logins', 'above', 5),
  ],
];

/** @param {string} key @returns {Flag} */
const groups = (key) => ({
  key,
  conditions: fifteenFilters.map((filters) => ({ filters, rollout: 100 })),
});

/** @param {string} key @returns {Flag} */
const variants = (key) => ({
  key,
  conditions: [{ filters: [], rollout: 100 }],
  variants: ['control', 'first', 'second', 'third'].map((name) => ({ key: name, percentage: 25 })),
});

/** @param {string} key @param {Filter} filter @returns {Flag} */
const single = (key, filter) => ({ key, conditions: [{ filters: [filter], rollout: 100 }] });

/** @type {Tree} */
const nested = {
  any: [
    {
      all: [
        where('plan', 'is', 'team'),
        { any: [where('country', 'is', 'jp'), where('seats', 'above', 7)] },
      ],
    },
    { all: [where('language', 'is', 'en'), where('age', 'above', 30)] },
  ],
};

/** @param {number} count @returns {readonly Flag[]} */
function mixed(count) {
  const kinds = [
    rollout,
    equality,
    rollout,
    variants,
    equality,
    rollout,
    groups,
    equality,
    rollout,
    variants,
  ];
  return Array.from({ length: count }, (_, number) => {
    const make = kinds[number % kinds.length] ?? rollout;
    return make(`flag-number-${number}`);
  });
}

/** @type {readonly Workload[]} */
export const workloads = [
  { name: 'rollout', flags: [rollout('checkout-rollout')] },
  { name: 'equality + rollout', flags: [equality('checkout-rollout')] },
  { name: '5 conditions × 3 filters', flags: [groups('checkout-groups')] },
  { name: '4 variants', flags: [variants('checkout-variants')] },
  {
    name: 'nested cohort',
    flags: [{ key: 'checkout-cohort', conditions: [{ filters: [], tree: nested, rollout: 100 }] }],
  },
  {
    name: 'cohorts in a cohort',
    flags: [
      {
        key: 'checkout-cohorts',
        conditions: [{ filters: [], tree: nested, apart: true, rollout: 100 }],
      },
    ],
  },
  {
    name: 'regex',
    flags: [single('checkout-regex', where('email', 'matches', '@example\\.com$'))],
  },
  { name: 'semver', flags: [single('checkout-version', where('version', 'version', '2.10.0'))] },
  {
    name: 'date',
    flags: [single('checkout-date', where('signedUpAt', 'after', '2024-06-01T00:00:00.000Z'))],
  },
  { name: 'all of 100', flags: mixed(100), all: true },
  { name: 'all of 1,000', flags: mixed(1000), all: true },
];

/** @param {Tree} tree @returns {readonly (readonly Filter[])[]} alternatives, of each of which all must hold */
export function alternativesOf(tree) {
  if ('any' in tree) return tree.any.flatMap(alternativesOf);
  if (!('all' in tree)) return [[tree]];
  /** @type {readonly (readonly Filter[])[]} */
  const nothing = [[]];
  return tree.all
    .map(alternativesOf)
    .reduce(
      (before, next) => before.flatMap((left) => next.map((right) => [...left, ...right])),
      nothing,
    );
}

/** A condition as rules without nesting. @param {Condition} condition */
export function rulesOf({ filters, tree, rollout: percentage }) {
  const alternatives = tree === undefined ? [[]] : alternativesOf(tree);
  return alternatives.map((own) => ({ filters: [...filters, ...own], rollout: percentage }));
}
