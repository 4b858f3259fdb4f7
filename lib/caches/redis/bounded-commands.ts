/**
 * The commands of a client that was given, each with a deadline. The client stays its owner's, so
 * a connection that is dead is not replaced here: that is for the owner's settings to do.
 *
 * Clients queue what they cannot send, without a limit, and send it when the server is back. So
 * once a client has been connected, nothing is handed to it while it says that it is not.
 */
import { withDeadline } from '../../core/time/deadline.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import type { RedisCommands } from './redis-commands.js';

export interface BoundedCommandsParts {
  readonly clock: Clock;
  readonly commandTimeoutMs: number;
  /** Whether the client is connected; undefined when it does not say. */
  readonly isReady?: () => boolean | undefined;
  /** Whether a client that is not connected was closed, or has given up. */
  readonly isClosed?: () => boolean;
}

export function boundedCommands(
  commands: RedisCommands,
  {
    clock,
    commandTimeoutMs,
    isReady = () => undefined,
    isClosed = () => false,
  }: BoundedCommandsParts,
): RedisCommands {
  const deadline = { clock, ms: commandTimeoutMs, what: 'The given Redis client' };
  let wasReady = false;
  return {
    send: (key, command) =>
      withDeadline(deadline, () => {
        const ready = isReady();
        wasReady ||= ready === true;
        if (wasReady && ready === false) throw isClosed() ? closed() : notConnected();
        return commands.send(key, command);
      }),
  };
}

/** With a code of its own: at the end of an app its owner may close it first, which is no fault. */
function closed(): FlagsError {
  return new FlagsError(
    'The given Redis client is not connected: it was closed, or has given up connecting again. Keep it open for as long as the app runs.',
    { code: 'closed' },
  );
}

function notConnected(): FlagsError {
  return new FlagsError(
    'The given Redis client is not connected at the moment; check that Redis runs, and that the app has not closed the client.',
    { code: 'cache-unavailable' },
  );
}
