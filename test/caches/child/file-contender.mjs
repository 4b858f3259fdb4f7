/**
 * A process that contends for the claims of a file cache, on the built package. Told over IPC what
 * to do; or, with a step to die at, it goes on publishing until it is killed in the middle of it.
 *
 *   fork('file-contender.mjs', [folder, name])              answers messages
 *   fork('file-contender.mjs', [folder, name, step, how])   publishes, and dies at that step
 *
 * A step is the n-th call that changes something in the folder. How: `before` it, `after` it, or
 * `amid` it, when half of the bytes are written.
 */
import { writeSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { openFileRecords } from '../../../dist/esm/caches/file/open-file-records.js';
import { systemClock } from '../../../dist/esm/core/time/clock.js';

const [folder, name, step, how = 'before'] = process.argv.slice(2);
const isDoomed = step !== undefined;
/** About as long as a publication takes: some overrun it, and are fenced. Longer where it takes longer. */
let leaseMs = 60;
/** Set when the steps begin to count. */
let left = Infinity;

function die(what) {
  writeSync(1, `${how} ${what}\n`);
  process.kill(process.pid, 'SIGKILL');
}

/** Runs a step, or dies at it. */
async function stepped(what, work, half = work) {
  left -= 1;
  if (left !== 0) return work();
  if (how === 'before') die(what);
  await (how === 'amid' ? half() : work());
  die(what);
  return undefined;
}

function doomedHandle(handle) {
  return {
    stat: () => handle.stat(),
    readFile: () => handle.readFile(),
    writeFile: (bytes) =>
      stepped(
        'writeFile',
        () => handle.writeFile(bytes),
        () => handle.writeFile(bytes.subarray(0, bytes.length / 2)),
      ),
    sync: () => stepped('sync', () => handle.sync()),
    close: () => stepped('close', () => handle.close()),
  };
}

const doomedIo = {
  ...fs,
  open: async (path, flags, mode) => {
    // What only reads is no step: who waits for its turn would die of it.
    if (typeof flags === 'number') return fs.open(path, flags, mode);
    return doomedHandle(await stepped('open', () => fs.open(path, flags, mode)));
  },
  link: (from, to) => stepped('link', () => fs.link(from, to)),
  rename: (from, to) => stepped('rename', () => fs.rename(from, to)),
  unlink: (path) => stepped('unlink', () => fs.unlink(path)),
};

const store = await openFileRecords(
  {
    folder,
    key: 'contended',
    allowsNetwork: false,
    push: false,
    ...(isDoomed && { io: doomedIo }),
  },
  { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock },
);

function ask(leaseMs) {
  return store.claims.check({
    instance: name,
    revision: 0,
    digest: undefined,
    token: 0,
    floor: 0,
    kick: true,
    graceMs: 0,
    sitOutMs: 0,
    leaseMs,
    longestDueMs: 60_000,
    shortestGapMs: 0,
    memberTtlMs: 60_000,
    ageMs: undefined,
  });
}

function publish(token) {
  const digest = `${name}-${token}`.padEnd(64, '0');
  const body = JSON.stringify({ by: name, token, padding: 'x'.repeat(5_000) });
  const record = { schema: 1, digest, etag: `"${digest}"`, codec: 'json', body };
  return store.claims.finish({
    instance: name,
    token,
    result: { kind: 'new', record, nextDueMs: 0 },
  });
}

const tasks = {
  ask: ({ leaseMs }) => ask(leaseMs),
  publish: ({ token }) => publish(token),
};

if (isDoomed) {
  // A wait of the library keeps no process alive.
  setInterval(() => undefined, 60_000);
  left = Number(step);
  process.send('begins');
  const turn = async () => {
    const { verdict, token } = await ask(leaseMs);
    if (verdict === 'granted') leaseMs *= (await publish(token)) === 'fenced' ? 2 : 1;
    else await new Promise((resolve) => setTimeout(resolve, 5));
  };
  for (;;) {
    await turn().catch((error) => {
      // Where the others never rest they may be quicker each time: then the next check tries again.
      if (error.code !== 'cache-unavailable') throw error;
    });
  }
} else {
  process.on('message', ({ id, task, ...facts }) => {
    tasks[task](facts).then(
      (answer) => process.send({ id, answer }),
      (error) => process.send({ id, error: String(error.stack) }),
    );
  });
  process.on('disconnect', () => process.exit(0));
  process.send({ id: 0 });
}
