/**
 * A process with instances in it. It tells its parent which content each instance evaluates, and
 * at what instant it first did: a little later and several at once, so that the telling does not
 * take the time that is measured. It closes its instances when told or at SIGTERM, as an app
 * does, and ends with its parent.
 */
import { nowMs, pass } from './now.mjs';

/** @typedef {import('./systems.mjs').InstanceSettings} InstanceSettings */
/** @typedef {import('./systems.mjs').Instance} Instance */
/** @typedef {(settings: InstanceSettings, onLoaded: () => void) => Promise<Instance>} Open */

const CLOSE_LIMIT_MS = 5_000;
const TELL_AFTER_MS = 50;

/** @type {Instance[]} */
const instances = [];
/** @type {Open | undefined} */
let open;
/** What the parent has not been told. @type {{ name: string, content: unknown, atMs: number }[]} */
let untold = [];

process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => void close());
process.on('message', (message) => {
  const { type, system, settings } = /** @type {any} */ (message);
  if (type === 'prepare') void prepare(system);
  if (type === 'start') for (const each of settings) void start(each);
  if (type === 'close') void close();
});

/** Loads the code before the clock runs. @param {import('./systems.mjs').System} system */
async function prepare(system) {
  open = await openerOf(system);
  process.send?.({ type: 'prepared' });
}

/** @param {import('./systems.mjs').System} system @returns {Promise<Open>} */
async function openerOf(system) {
  if (system === 'ours') return (await import('./providers/nestjs-feature-flags.mjs')).openOurs;
  return (await import('./providers/posthog-node.mjs')).openPostHogNode;
}

/** @param {InstanceSettings} settings */
async function start(settings) {
  /** @type {unknown} */
  let last;
  /** @type {Instance | undefined} */
  let instance;
  const look = async () => {
    const content = await instance?.evaluate();
    const atMs = nowMs();
    if (content === undefined || content === last) return;
    last = content;
    if (untold.length === 0) setTimeout(tell, TELL_AFTER_MS);
    untold.push({ name: settings.name, content, atMs });
  };
  if (open === undefined) throw new Error('The worker was not prepared.');
  instance = await open(settings, () => void look());
  instances.push(instance);
  await look();
}

function tell() {
  process.send?.({ type: 'evaluated', all: untold });
  untold = [];
}

async function close() {
  const closed = Promise.allSettled(instances.map((instance) => instance.close()));
  await Promise.race([closed, pass(CLOSE_LIMIT_MS)]);
  process.exit();
}
