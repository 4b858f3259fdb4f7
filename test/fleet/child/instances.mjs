/**
 * A process of a fleet under test: some instances of an app on the built package, told what to do
 * over a socket, and telling all that happens as JSON lines. It ends when the socket does.
 *
 *   node instances.mjs <port>
 */
import 'reflect-metadata';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { NestInstance } from './nest-instance.mjs';
import { PosthogInstance } from './posthog-instance.mjs';

/** The clock that all processes of this machine share, untouched by what becomes of `Date`. */
const nowMs = () => Number(process.hrtime.bigint()) / 1e6;

const kinds = { nest: NestInstance, 'posthog-node': PosthogInstance };
const socket = connect(Number(process.argv[2]), '127.0.0.1');
const instances = new Map();

function tell(fact) {
  socket.write(`${JSON.stringify({ at: nowMs(), ...fact })}\n`);
}

async function start(spec) {
  const instance = new kinds[spec.kind](spec, (fact) => tell({ ...fact, instance: spec.name }));
  instances.set(spec.name, instance);
  tell({ type: 'booted', instance: spec.name, rate: 1 });
  await instance.start();
  let evaluations = 0;
  const timer = setInterval(() => {
    evaluations += 1;
    const fault = instance.evaluate();
    if (fault !== undefined) tell({ type: 'evaluated', instance: spec.name, fault });
    if (evaluations % 20 === 0) {
      tell({ type: 'evaluated', instance: spec.name, fault: undefined, times: 20 });
    }
  }, spec.evaluateEveryMs);
  instance.stopEvaluating = () => clearInterval(timer);
  tell({ type: 'started', instance: spec.name });
}

async function close(name) {
  const instance = instances.get(name);
  if (instance === undefined) return;
  instances.delete(name);
  const startedAt = nowMs();
  tell({ type: 'closing', instance: name });
  instance.stopEvaluating?.();
  await instance.close();
  tell({ type: 'closed', instance: name, tookMs: nowMs() - startedAt });
}

/** Ends as an app ends on SIGTERM: by Nest's shutdown hooks where an instance has them. */
function terminate() {
  const names = [...instances.keys()];
  const own = names.filter((name) => !instances.get(name).spec.shutdownHooks);
  for (const name of names) {
    if (own.includes(name)) continue;
    instances.get(name).closingAtMs = performance.now();
    tell({ type: 'closing', instance: name });
  }
  if (own.length === 0) return;
  void Promise.all(own.map(close)).then(() => socket.end(() => process.exit(0)));
}

process.once('SIGTERM', terminate);

const commands = {
  start,
  close: ({ instance }) => close(instance),
  'shift-date': ({ ms }) => {
    const { now } = Date;
    Date.now = () => now() + ms;
  },
  measure: () => {
    global.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    const handles = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout').length;
    tell({ type: 'measured', rss, heapUsed, handles });
  },
};

process.on('uncaughtException', (error) => tell({ type: 'crashed', error: String(error.stack) }));
process.on('unhandledRejection', (error) => tell({ type: 'crashed', error: String(error) }));
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
tell({ type: 'hello', pid: process.pid });
createInterface({ input: socket }).on('line', (line) => {
  const { command, ...facts } = JSON.parse(line);
  Promise.resolve(commands[command](facts)).catch((error) =>
    tell({ type: 'crashed', error: String(error.stack) }),
  );
});
