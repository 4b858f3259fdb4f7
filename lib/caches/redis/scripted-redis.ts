/** One cache in one Redis: its names, and its scripts to be run on them by name. */
import type { RedisCommands } from './redis-commands.js';
import type { RedisKeys } from './redis-keys.js';
import { claimScripts, type ClaimScripts } from './claim-scripts.js';
import { redisFault } from './redis-fault.js';

/** What a failing script could not do, by its name. */
const doing: Readonly<Record<keyof ClaimScripts, string>> = {
  check: 'check for a refresh',
  finish: 'end a refresh claim',
  publish: 'publish the definitions',
  confirm: 'confirm the definitions',
  head: 'read the head of the definitions',
  members: 'list the fleet',
  leave: 'take leave of the fleet',
  lead: 'take the lead of the fleet',
  resign: 'give the lead of the fleet up',
};

export class ScriptedRedis {
  private readonly scripts: ClaimScripts;

  /** @param nowMs only for the comparison with the model: a clock instead of the store's own. */
  constructor(
    readonly commands: RedisCommands,
    readonly keys: RedisKeys,
    private readonly nowMs?: () => number,
  ) {
    this.scripts = claimScripts(nowMs === undefined ? 'store' : 'argument');
  }

  /** @throws FlagsError `cache-unavailable`, or `foreign-value` for what is not ours. */
  async run(name: keyof ClaimScripts, args: readonly string[] = []): Promise<unknown> {
    const { claims, members, bodies } = this.keys;
    const time = this.nowMs === undefined ? [] : [this.nowMs().toFixed(0)];
    try {
      const keys = [claims, members, bodies] as const;
      return await this.scripts[name].run(this.commands, [...keys], [...args, ...time]);
    } catch (error) {
      throw redisFault(error, doing[name], claims);
    }
  }
}
