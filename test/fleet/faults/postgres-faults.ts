/**
 * What happens to PostgreSQL, on the way to it, and to what lies in it. Each harm is two faults:
 * one in which it comes three times (while nothing is done, in the middle of a fetch, and before
 * what was fetched is published), and one in which it comes once, which a source that is ill at
 * the same time does not disturb.
 */
import type { Random } from '../../simulation/world/random.js';
import { delay, type RealFleet } from '../real-fleet.js';
import { secrets } from '../secrets.js';
import type { PostgresStore } from '../stores/postgres-store.js';
import { holdFetch, holdFinish, untilFelt, untilSaid, type Fault } from './fault.js';

type Fleet = RealFleet<PostgresStore>;

/** Begins, lets what was held back go on, and ends when it has had its effect. */
type Harm = (fleet: Fleet, goOn: () => void, random: Random) => Promise<void>;

const TABLE = 'nestjs_feature_flags';
const theClaims = `${TABLE} WHERE kind = 'claims'`;
const AN_HOUR_MS = 3_600_000;

const proxiesOf = (fleet: Fleet) => [...fleet.proxies.values()];

const cutAll = (fleet: Fleet): void => {
  for (const proxy of proxiesOf(fleet)) proxy.cut();
};

const harms = {
  serverFrozen: async (fleet, goOn) => {
    await fleet.store.freeze();
    goOn();
    await untilFelt(fleet);
    await fleet.store.thaw();
  },

  serverKilledBackWithData: async (fleet, goOn, random) =>
    fleet.restartStore({ withData: true, awayMs: random.between(0, 500) }, goOn),

  serverKilledBackEmptied: async (fleet, goOn, random) =>
    fleet.restartStore({ withData: false, awayMs: random.between(0, 500) }, goOn),

  connectionsReset: async (fleet, goOn) => {
    cutAll(fleet);
    goOn();
    await delay(200);
    cutAll(fleet);
  },

  connectionsTerminated: async (fleet, goOn) => {
    await fleet.store.terminateAll();
    goOn();
    await delay(200);
    await fleet.store.terminateAll();
  },

  serverRefused: async (fleet, goOn, random) => {
    const some = proxiesOf(fleet).filter(() => random.chance(0.7));
    for (const proxy of some) proxy.refuse();
    goOn();
    await delay(random.between(300, 800));
    for (const proxy of some) proxy.accept();
  },

  latency: async (fleet, goOn) => {
    for (const proxy of proxiesOf(fleet)) proxy.latencyMs = 100;
    goOn();
    await fleet.until('all are current all the same', () => fleet.laggards().length === 0);
    for (const proxy of proxiesOf(fleet)) proxy.latencyMs = 0;
  },

  /** As somebody does who changes the table, for longer than anybody waits. */
  tableLocked: async (fleet, goOn) => {
    const lock = await fleet.store.inTransaction(`LOCK TABLE ${TABLE}`);
    goOn();
    await untilFelt(fleet);
    await lock.end();
  },

  rowLocked: async (fleet, goOn) => {
    const lock = await fleet.store.inTransaction(`SELECT FROM ${theClaims} FOR UPDATE`);
    goOn();
    await untilFelt(fleet);
    await lock.end();
  },

  /** Failed over to who takes no writes yet. */
  readOnly: async (fleet, goOn) => {
    await fleet.store.run('ALTER ROLE flags SET default_transaction_read_only = on');
    await fleet.store.terminateAll();
    goOn();
    await untilSaid(fleet, '(25006)');
    await fleet.store.run('ALTER ROLE flags RESET default_transaction_read_only');
  },

  passwordChanged: async (fleet, goOn) => {
    await fleet.store.run("ALTER ROLE flags PASSWORD 'another'");
    cutAll(fleet);
    goOn();
    await untilSaid(fleet, '(28P01)');
    await fleet.store.run(`ALTER ROLE flags PASSWORD '${secrets.password}'`);
  },

  truncated: async (fleet, goOn) => {
    fleet.storeLost();
    await fleet.store.run(`TRUNCATE ${TABLE}`);
    goOn();
  },

  tableDropped: async (fleet, goOn) => {
    fleet.storeLost();
    await fleet.store.run(`DROP TABLE ${TABLE}`);
    goOn();
  },

  headSpoilt: async (fleet, goOn, random) => {
    const field = random.pick(['revision', 'token', 'dueAt', 'leaseEndsAt', 'verifiedToken']);
    const value = random.pick(['"many"', '-1', '1e400', 'null', '[[]]', '""']);
    await writeFacts(fleet, `facts || '{"${field}":${value}}'`);
    goOn();
  },

  /** Without any of our fields, as by a program that took the table for its own. */
  foreignFacts: async (fleet, goOn) => {
    fleet.storeLost();
    await writeFacts(fleet, `'{"somebody":"else"}'`);
    goOn();
  },

  /** What a failover to a host whose clock is an hour behind leaves in the store. */
  timesAnHourAhead: async (fleet, goOn) => {
    const ahead = Date.now() + AN_HOUR_MS;
    const times = { dueAt: ahead, leaseEndsAt: ahead, finishedAt: ahead, verifiedAt: ahead };
    await writeFacts(fleet, `facts || '${JSON.stringify({ holder: 'somebody', ...times })}'`);
    goOn();
  },
} satisfies Record<string, Harm>;

type Harmed<Suffix extends string> = Readonly<
  Record<`${keyof typeof harms}${Suffix}`, Fault<PostgresStore>>
>;

function faultsOf<Suffix extends string>(
  suffix: Suffix,
  faultOf: (harm: Harm) => Fault<PostgresStore>,
): Harmed<Suffix> {
  const faults = Object.entries(harms).map(([name, harm]) => [`${name}${suffix}`, faultOf(harm)]);
  return Object.fromEntries(faults) as Harmed<Suffix>;
}

export const postgresFaultsOnce = faultsOf(
  'Once',
  (harm) => async (fleet, random) => harm(fleet, () => fleet.change(), random),
);

export const postgresFaults = {
  ...faultsOf('', (harm) => async (fleet, random) => {
    await harm(fleet, () => fleet.change(), random.fork('idle'));
    fleet.change();
    const fetch = await holdFetch(fleet);
    await harm(fleet, fetch.release, random.fork('fetch'));
    fleet.change();
    const finish = await holdFinish(fleet);
    await harm(fleet, finish.release, random.fork('finish'));
  }),

  bodySpoilt: async (fleet, random) => {
    const body = random.pick(['<html>', '{}', 'null', '{"value":{"text":"{"}}']);
    await fleet.store.run(`UPDATE ${TABLE} SET content = '${body}' WHERE kind = 'body'`);
    // Who comes now has nothing else to read; and nothing new comes to put it right.
    const name = await fleet.startInstance(random.pick(fleet.alive));
    await fleet.until(`${name} has definitions`, () => !fleet.laggards().includes(name));
  },
} satisfies Record<string, Fault<PostgresStore>>;

async function writeFacts(fleet: Fleet, facts: string): Promise<void> {
  await fleet.store.run(`UPDATE ${TABLE} SET facts = ${facts} WHERE kind = 'claims'`);
}
