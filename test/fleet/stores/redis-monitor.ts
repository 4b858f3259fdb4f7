/**
 * What a Redis really executes, in its order: `MONITOR` over a connection of its own, line by
 * line. Nothing of the library is involved; this is the truth that instances are held against.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fromWall } from '../now.js';

/** One command that was executed. */
export interface ExecutedCommand {
  readonly at: number;
  /** Port of the client; undefined for what a script called. */
  readonly port: number | undefined;
  readonly args: readonly string[];
}

export class RedisMonitor {
  private constructor(private readonly socket: Socket) {}

  /** Resolves when nothing can be executed any more that is not seen. */
  static async of(
    port: number,
    user: { readonly name: string; readonly password: string },
    onCommand: (command: ExecutedCommand) => void,
  ): Promise<RedisMonitor> {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    const lines = createInterface({ input: socket });
    socket.write(`AUTH ${user.name} ${user.password}\r\nMONITOR\r\n`);
    await new Promise<void>((resolve, reject) => {
      let replies = 0;
      lines.on('line', (line) => {
        const command = readMonitorLine(line);
        if (command !== undefined) return onCommand(command);
        if (line.startsWith('-')) reject(new Error(`Redis refuses to be monitored: ${line}`));
        replies += 1;
        if (replies === 2) resolve();
      });
      socket.once('close', () => reject(new Error('Redis closed the monitoring connection')));
    });
    return new RedisMonitor(socket);
  }

  close(): void {
    this.socket.destroy();
  }
}

const LINE = /^\+(\d+\.\d+) \[\d+ (?:[^\]]*:)?(\w+)\] (.*)$/;
const ARGUMENT = /"((?:[^"\\]|\\.)*)"/g;

/** `+1339518083.107412 [0 127.0.0.1:60866] "get" "a"`; what a script calls comes from `lua`. */
export function readMonitorLine(line: string): ExecutedCommand | undefined {
  const [, stamp, from, rest = ''] = LINE.exec(line) ?? [];
  if (stamp === undefined || from === undefined) return undefined;
  const args = [...rest.matchAll(ARGUMENT)].map(([, quoted = '']) => unquoted(quoted));
  const port = from === 'lua' ? undefined : Number(from);
  return { at: fromWall(Number(stamp)), port, args };
}

const controls: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
};

function unquoted(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-f]{2})|(.))/g,
    (_all, hex?: string, char?: string) =>
    hex === undefined ? (controls[char ?? ''] ?? char ?? '') : String.fromCharCode(parseInt(hex, 16)), // prettier-ignore
  );
}
