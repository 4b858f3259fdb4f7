/** ConfigCat: its snapshot, which is the synchronous way. No regexes, and no call for all flags. */
import { users } from '../users.mjs';
import { rulesOf } from '../workloads.mjs';
import { eachOf, keysOf, onlyKeyOf, peer, placesOf } from './system.mjs';

let opened = 0;

/** Clients of one key would share what the first of them has read. */
function nextSdkKey() {
  opened += 1;
  return `${String(opened).padStart(22, '0')}/${'b'.repeat(22)}`;
}

/** @type {import('./system.mjs').System} */
export const configCat = {
  name: 'configcat',
  isAsync: false,
  canDo: ({ flags }) =>
    flags.every(({ conditions }) =>
      conditions.every(({ filters }) => filters.every(({ operator }) => operator !== 'matches')),
    ),
  open: async (workload) => {
    const { getClient, PollingMode, createConsoleLogger, LogLevel, User } =
      await peer('configcat-node');
    const config = JSON.stringify(configOf(workload));
    const client = getClient(nextSdkKey(), PollingMode.ManualPoll, {
      cache: { get: () => `${Date.now()}\n"etag"\n${config}`, set: () => undefined },
      logger: createConsoleLogger(LogLevel.Off),
      offline: true,
    });
    await client.waitForReady();
    await client.getAllKeysAsync();
    const snapshot = client.snapshot();
    const key = onlyKeyOf(workload);
    const placeOf = placesOf(keysOf(workload));
    const textKeys = new Set(workload.flags.flatMap((flag) => (flag.variants ? [flag.key] : [])));
    /** @param {string} asked @param {unknown} context */
    const evaluate = (asked, context) =>
      snapshot.getValueDetails(asked, textKeys.has(asked) ? 'off' : false, context);
    return {
      contexts: users.map(({ id, properties }) => {
        const user = new User(id);
        user.custom = { ...properties, signedUpAt: new Date(String(properties['signedUpAt'])) };
        return user;
      }),
      evaluate: workload.all
        ? eachOf(keysOf(workload), evaluate)
        : (context) => evaluate(key, context),
      valueOf: (answer, asked) => (workload.all ? answer[placeOf(asked)] : answer).value,
      close: () => client.dispose(),
    };
  },
};

/** @param {import('../workloads.mjs').Workload} workload */
function configOf({ flags }) {
  return {
    p: { u: 'https://cdn-global.configcat.com', r: 0, s: 'salt' },
    s: [],
    f: Object.fromEntries(flags.map((flag) => [flag.key, settingOf(flag)])),
  };
}

/** @param {import('../workloads.mjs').Flag} flag */
function settingOf({ conditions, variants }) {
  const off = variants === undefined ? { b: false } : { s: 'off' };
  const isForAll = conditions.every(({ filters, tree }) => filters.length === 0 && !tree);
  const whole = conditions[0]?.rollout ?? 100;
  return {
    t: variants === undefined ? 0 : 1,
    v: off,
    ...(isForAll
      ? { p: percentagesOf(variants, whole) }
      : {
          r: conditions.flatMap(rulesOf).map(({ filters, rollout }) => ({
            c: filters.map((filter) => ({ u: conditionOf(filter) })),
            ...(rollout === 100
              ? { s: { v: { b: true } } }
              : { p: percentagesOf(variants, rollout) }),
          })),
        }),
  };
}

/** @param {readonly import('../workloads.mjs').Variant[] | undefined} variants @param {number} rollout */
function percentagesOf(variants, rollout) {
  if (variants !== undefined) {
    return variants.map(({ key, percentage }) => ({ p: percentage, v: { s: key } }));
  }
  return [
    { p: rollout, v: { b: true } },
    { p: 100 - rollout, v: { b: false } },
  ];
}

/** @param {import('../workloads.mjs').Filter} filter */
function conditionOf({ property, operator, value }) {
  switch (operator) {
    case 'is':
      return { a: property, c: 28, s: value };
    case 'contains':
      return { a: property, c: 2, l: [value] };
    case 'above':
      return { a: property, c: 14, d: value };
    case 'version':
      return { a: property, c: 9, s: value };
    case 'after':
      return { a: property, c: 19, d: Date.parse(String(value)) / 1000 };
    case 'matches':
      throw new Error('ConfigCat has no regexes.');
  }
}
