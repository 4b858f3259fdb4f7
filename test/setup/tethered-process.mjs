/**
 * Starts a server that cannot outlive the process that started it, not even one that is killed:
 * a shell holds the other end of a pipe, and when the pipe closes it ends the server and removes
 * its folder. For Linux and macOS, where the servers of the tests run.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const supervisor = `
signal=$1; folder=$2; shift 2
"$@" </dev/null &
server=$!
exec >/dev/null 2>&1 # nobody reads any more when the pipe has closed
cat >/dev/null # ends when the pipe closes
kill -s "$signal" "$server" 2>/dev/null
wait "$server"
rm -rf "$folder"
`;

/**
 * @param {object} server
 * @param {string} server.command program to run
 * @param {readonly string[]} server.args
 * @param {string} server.folder working directory; removed at the end
 * @param {'TERM' | 'INT' | 'KILL'} [server.signal] what asks the server to end
 * @param {{ uid: number, gid: number }} [server.user] whom to run as; needs root
 */
export function startTethered({ command, args, folder, signal = 'TERM', user }) {
  const child = spawn(
    '/bin/sh',
    ['-c', supervisor, 'supervisor', signal, folder, command, ...args],
    {
      cwd: folder,
      // Its own process group: a Ctrl-C in the terminal must reach the server through the pipe only.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...user,
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output = (output + text).slice(-4_000)));
    if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
  }
  child.stdin.on('error', () => undefined);
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  child.unref();
  const ended = once(child, 'exit');
  return {
    /** The last 4,000 characters that the server printed. */
    output: () => output,
    /** Ends the server and waits until it is gone. */
    async stop() {
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
