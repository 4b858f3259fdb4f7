/** What can be done to the fleet, by a key, by curl or by the story. */
import type { PostHogStub } from '../posthog/posthog-stub.js';
import type { Fleet } from './fleet.js';
import type { Printer } from './printer.js';
import type { FleetRedis } from './redis.js';

const BACK_AFTER_MS = 10_000;

export interface ConductorParts {
  readonly fleet: Fleet;
  readonly redis: FleetRedis;
  readonly stub: PostHogStub;
  readonly printer: Printer;
  readonly quit: () => Promise<void>;
}

export const actions = ['kill', 'redis', 'flip', 'quit'] as const;
export type Action = (typeof actions)[number];

export class Conductor {
  private isSwitching = false;

  constructor(private readonly parts: ConductorParts) {}

  /** Does it, and says in one sentence what was done. */
  act(action: Action): Promise<string> {
    switch (action) {
      case 'kill':
        return this.killLeader();
      case 'redis':
        return this.switchRedis();
      case 'flip':
        return this.flip();
      case 'quit':
        return this.quit();
    }
  }

  private async flip(): Promise<string> {
    const isOn = this.parts.stub.flip();
    return this.say(`new-checkout is ${isOn ? 'on' : 'off'} in PostHog now`);
  }

  private async killLeader(): Promise<string> {
    const { fleet, printer } = this.parts;
    const { leader } = fleet;
    if (leader === undefined) return this.say('nobody leads at this moment');
    await leader.end('SIGKILL');
    setTimeout(() => {
      printer.say(`${leader.name} starts again`);
      leader.start();
    }, BACK_AFTER_MS).unref();
    return this.say(`${leader.name} led and was killed; it comes back in 10 s`);
  }

  private async switchRedis(): Promise<string> {
    const { power, place } = this.parts.redis;
    if (power === undefined) {
      return this.say(`the Redis at ${place} was given by REDIS_URL and is not stopped from here`);
    }
    if (this.isSwitching) return 'Redis is being stopped or started already';
    this.isSwitching = true;
    try {
      await (power.isOn ? power.stop() : power.start());
    } finally {
      this.isSwitching = false;
    }
    return this.say(power.isOn ? 'Redis runs again, with nothing in it' : 'Redis was stopped');
  }

  private async quit(): Promise<string> {
    // After the answer to whoever asked for it.
    setImmediate(() => void this.parts.quit());
    return this.say('the end');
  }

  private say(line: string): string {
    this.parts.printer.say(line);
    return line;
  }
}
