/**
 * A function on a Lambda of this machine: instances start cold, stay warm, are frozen for long. The
 * story checks what it tells, and ends with an error when something is not so.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Instance } from './instance.js';
import { LocalTable, tableName } from './local-table.js';
import { PostHogStub } from './posthog-stub.js';

/** Longer than two cold starts, on a busy machine, too. */
const INTERVAL_MS = 15_000;
const CHECK_MS = 2_000;

const posthog = new PostHogStub();
const table = new LocalTable();
const instances: Instance[] = [];

async function main(): Promise<void> {
  const environment = {
    POSTHOG_HOST: await posthog.start(),
    POSTHOG_PROJECT_API_KEY: posthog.projectApiKey,
    POSTHOG_SECRET_KEY: posthog.secretKey,
    POSTHOG_ALLOW_INSECURE_HTTP: 'true',
    FLAGS_CACHE: `dynamodb:///${tableName}?key=shop`,
    // Short, so that there is something to see. The defaults are 30 s and 5 s.
    FLAGS_INTERVAL_MS: `${INTERVAL_MS}`,
    FLAGS_CHECK_MS: `${CHECK_MS}`,
    FLAGS_CACHE_TIMEOUT_MS: '20000',
    FLAGS_LOOK_TIMEOUT_MS: '20000',
    AWS_REGION: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: await table.start(),
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NO_COLOR: '1',
  };
  const start = async (): Promise<Instance> => {
    const instance = await Instance.start(environment);
    instances.push(instance);
    return instance;
  };

  say('Cold, and nothing in the table');
  const first = await start();
  expect('old', await first.ask('ada'), 'the answer of the first instance');
  expect(1, posthog.fetches, 'requests to PostHog');
  say('The first instance has asked PostHog, once, and left the definitions in the table.');

  say('Cold again: Lambda starts a second instance');
  const second = await start();
  expect('old', await second.ask('ada'), 'the answer of the second instance');
  expect(1, posthog.fetches, 'requests to PostHog');
  say('It had them from the table: PostHog was not asked.');

  say('Warm: twenty requests');
  await first.ask('ada');
  const before = table.requests;
  for (let n = 0; n < 20; n += 1) {
    expect('old', await first.ask(`shopper-${n}`), 'the answer of a warm instance');
  }
  const looks = table.requests - before;
  if (looks >= 10) throw new Error(`The table was asked ${looks} times for 20 requests.`);
  say(`The table was asked ${looks} times: when a look was due, and not for each request.`);

  say('The first instance is frozen, and new-checkout is switched on in PostHog');
  posthog.isOn = true;
  const fetched = posthog.fetches;
  const frozenAt = performance.now();
  await until(async () => (await second.ask('ada')) === 'new');
  const seconds = ((performance.now() - frozenAt) / 1_000).toFixed(1);
  say(`The second instance has had it after ${seconds} s, from PostHog.`);
  const fetches = posthog.fetches;
  if (fetches === fetched) throw new Error('The second instance cannot have it from PostHog.');

  // For the first, too, a look is due again.
  await pause(Math.max(0, frozenAt + 1.5 * CHECK_MS - performance.now()));
  say('The first instance is thawed by a request');
  expect('new', await first.ask('ada'), 'the first answer after the freeze');
  expect(fetches, posthog.fetches, 'requests to PostHog');
  say('Its first answer is by the new definitions, from the table: PostHog was not asked.');
  say('The end.');
}

function say(words: string): void {
  process.stdout.write(`── ${words}\n`);
}

function expect(wanted: unknown, got: unknown, what: string): void {
  if (got !== wanted) throw new Error(`It was not as the story says: ${what}: ${String(got)}`);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 60_000; performance.now() < end; await pause(300)) {
    if (await isSo()) return;
  }
  throw new Error('It has not come in a minute.');
}

try {
  await main();
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  for (const instance of instances) instance.end();
  posthog.stop();
  table.stop();
}
