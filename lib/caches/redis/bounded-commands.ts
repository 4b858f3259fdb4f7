/**
 * A deadline for each command of a client that was given. The client stays its owner's, so a
 * connection that is dead is not replaced here: that is for the owner's settings to do.
 */
import { withDeadline } from '../../core/time/deadline.js';
import type { Clock } from '../../core/time/clock.js';
import type { RedisCommands } from './redis-commands.js';

export function boundedCommands(
  commands: RedisCommands,
  { clock, commandTimeoutMs }: { readonly clock: Clock; readonly commandTimeoutMs: number },
): RedisCommands {
  const deadline = { clock, ms: commandTimeoutMs, what: 'The given Redis client' };
  return { send: (key, command) => withDeadline(deadline, () => commands.send(key, command)) };
}
