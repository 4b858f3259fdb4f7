/**
 * A Lua script of the server: sent by its hash, and whole only when the server does not know it
 * (any more), as after a restart or a failover.
 */
import { createHash } from 'node:crypto';
import type { RedisCommands } from './redis-commands.js';

export class RedisScript {
  private readonly sha: string;

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  async run(
    commands: RedisCommands,
    keys: readonly [string, ...string[]],
    args: readonly string[],
  ): Promise<unknown> {
    const rest = [`${keys.length}`, ...keys, ...args];
    try {
      return await commands.send(keys[0], ['EVALSHA', this.sha, ...rest]);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return commands.send(keys[0], ['EVAL', this.text, ...rest]);
    }
  }
}
