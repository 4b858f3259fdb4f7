/**
 * The conductor: starts a Redis, a stub of PostHog and three instances of one shop, and lets a
 * person hurt them. `--story` does it by itself, and fails when something it tells is not so.
 */
import { randomBytes } from 'node:crypto';
import { PostHogStub } from '../posthog/posthog-stub.js';
import { Complaint } from './complaint.js';
import { type Action, Conductor } from './conductor.js';
import { Fleet } from './fleet.js';
import { listenToKeys } from './keys.js';
import { Printer } from './printer.js';
import { type FleetRedis, findRedis } from './redis.js';
import { RemoteControl } from './remote-control.js';
import { Story } from './story.js';

const printer = new Printer();
const stub = new PostHogStub();
const control = new RemoteControl(stub);
const closing: (() => unknown)[] = [() => control.close()];

async function main(options: readonly string[]): Promise<void> {
  const unknown = options.find((option) => option !== '--story');
  if (unknown !== undefined) throw new Complaint(`There is no option ${unknown}, only --story.`);
  const firstPort = Number(process.env.PORT ?? 3_000);
  await control.listen(firstPort);
  const redis = await findRedis(process.env.REDIS_URL);
  closing.unshift(() => redis.power?.stop());
  const fleet = fleetOn(redis, firstPort);
  closing.unshift(() => fleet.end());
  printer.say(`Redis: ${redis.place}. PostHog: a stub at ${control.url}`);
  printer.say('The fleet refreshes every 5 s, an instance looks every 1 s (defaults: 30 s, 5 s)');
  if (options.length > 0) return playStory(fleet, redis);
  await conduct(fleet, redis);
}

function fleetOn(redis: FleetRedis, firstPort: number): Fleet {
  const cache = new URL(redis.url);
  // A name of its own for each run: what an earlier one left behind is not read.
  cache.search = `?key=fleet-${randomBytes(3).toString('hex')}`;
  const env = {
    POSTHOG_HOST: control.url,
    POSTHOG_PROJECT_API_KEY: stub.projectApiKey,
    POSTHOG_SECRET_KEY: stub.secretKey,
    FLAGS_CACHE: cache.href,
  };
  return new Fleet({ env, firstPort: firstPort === 0 ? 0 : firstPort + 1, printer });
}

async function playStory(fleet: Fleet, { power }: FleetRedis): Promise<void> {
  const told = await new Story({ fleet, stub, printer, power }).play();
  printer.plain('');
  printer.say('The end. What happened, and was checked:');
  for (const [index, line] of told.entries()) printer.plain(`  ${index + 1}. ${line}`);
  await end(0);
}

async function conduct(fleet: Fleet, redis: FleetRedis): Promise<void> {
  const conductor = new Conductor({ fleet, redis, stub, printer, quit: () => end(0) });
  await fleet.start(...fleet.instances);
  control.act = (action) => conductor.act(action);
  const pressed = (action: Action): void => {
    conductor.act(action).catch((error: unknown) => printer.say(String(error)));
  };
  const urls = fleet.instances.map(({ name, url }) => `${name} ${url}`);
  printer.say(`The fleet is open: ${urls.join(', ')}`);
  if (listenToKeys(pressed)) {
    printer.say('Keys: k kill the leader · r stop or start Redis · f flip a flag · q quit');
  }
  printer.say(`Or: curl -X POST ${control.url}/kill (/redis, /flip, /quit)`);
  printer.say(`See: curl ${urls[0]?.slice(2)}/checkout (404 while the flag is off), /status`);
}

let isEnding = false;

async function end(exitCode: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  for (const close of closing) await close();
  process.exit(exitCode);
}

process.on('SIGINT', () => void end(130));
process.on('SIGTERM', () => void end(143));

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof Complaint) console.error(error.message);
  else console.error(error);
  await end(1);
}
