/**
 * Names what went wrong with Redis: what failed, why probably, what to do. Of the server's own
 * words those that may quote a command, and with it a password, are left out; of a broken
 * connection only the system's code and address are passed on.
 */
import { FlagsError, isFlagsError } from '../../core/errors/flags-error.js';
import { FOREIGN_VALUE } from './scripts/common-lua.js';

/** Why and what to do, by the code with which the server's message begins. */
const advice: ReadonlyMap<string, string> = new Map([
  ['READONLY', 'it is a read-only replica: connect to the primary'],
  ['OOM', 'its memory limit is reached: raise maxmemory, or choose a volatile eviction policy'],
  ['MISCONF', 'it cannot save to its disk and takes no writes: look at its log'],
  ['LOADING', 'it is still loading its data: it will answer soon'],
  ['BUSY', 'a script of somebody blocks it: look at SCRIPT KILL'],
  ['MASTERDOWN', 'it is a replica that has lost its primary: connect to the primary'],
  ['CLUSTERDOWN', 'its cluster is not complete: look at CLUSTER INFO'],
  ['NOREPLICAS', 'it has too few replicas to take writes: look at min-replicas-to-write'],
  ['MOVED', 'it belongs to a cluster: give a cluster client'],
  ['ASK', 'it belongs to a cluster: give a cluster client'],
  ['CROSSSLOT', 'it belongs to a cluster: give a cluster client'],
  ['TRYAGAIN', 'its cluster is moving the keys: it will answer soon'],
  ['NOAUTH', 'it wants a password: put it into the URL, or into the client that you give'],
  ['WRONGPASS', 'user or password is wrong: check them in the URL, or in the client that you give'],
  [
    'NOPERM',
    'the user may not do this: allow the keys and channels `flags:v1:*` (with interop `posthog:flags:*` and `{posthog:flags:*`), and the commands eval, evalsha, get, set, exists, subscribe, select (for another database than 0) and what the scripts call; for a fallback cache the keys `nestjs-feature-flags:answers:*` and the commands get, mget, set and pexpire',
  ],
]);

const runsAndIsThere = 'check that it runs, and its host and port';
const isClosed =
  'it closed the connection; look whether it was stopped or restarted, or whether something between ends connections';
const isOffline =
  'the client is not connected; check that Redis runs, and that the client was connected';
const noNode = 'no node of the cluster can be reached; check that they run, and their addresses';

/** What clients mean by the names of their errors, where the system has given no code. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['SocketClosedUnexpectedlyError', isClosed],
  ['SocketTimeoutError', `nothing came over the connection for too long; ${runsAndIsThere}`],
  ['ConnectionTimeoutError', `it could not be connected to in time; ${runsAndIsThere}`],
  ['ClientOfflineError', isOffline],
  ['ClientClosedError', 'the client was closed; keep it open for as long as the app runs'],
  [
    'DisconnectsClientError',
    'the client was disconnected; keep it open for as long as the app runs',
  ],
  ['ReconnectStrategyError', `the client has given up connecting again; ${runsAndIsThere}`],
  ['MaxRetriesPerRequestError', `the client has tried in vain to reach it; ${runsAndIsThere}`],
  ['RootNodesUnavailableError', noNode],
  ['ClusterAllFailedError', noNode],
]);

/** The same for clients that throw no class of their own. */
const sentences: ReadonlyMap<string, string> = new Map([
  ['Connection is closed.', isClosed],
  ["Stream isn't writeable and enableOfflineQueue options is false", isOffline],
]);

const foreign =
  'something that is not ours lies there: it was left as it is. Choose another key for the cache, or remove the foreign value';

/**
 * @param doing what failed, to stand after "Redis could not", e.g. `check for a refresh`
 * @param where the key concerned
 */
export function redisFault(error: unknown, doing: string, where: string): FlagsError {
  if (isFlagsError(error)) return error;
  const message = error instanceof Error ? error.message : '';
  const code = serverCode(message);
  if (code === 'WRONGTYPE' || code === FOREIGN_VALUE) {
    return new FlagsError(`Redis could not ${doing} at ${where} or a key beside it: ${foreign}.`, {
      code: 'foreign-value',
    });
  }
  const why = advice.get(code) ?? (code === '' ? systemFault(error) : ownWords(message));
  const facts = code === '' ? '' : ` (${code})`;
  return new FlagsError(`Redis could not ${doing}${facts}: ${why}.`, {
    code: 'cache-unavailable',
  });
}

/** The upper-case word at the beginning, except where the server says ERR to what has a name. */
function serverCode(message: string): string {
  if (/ACL failure in script|user executing the script can't/i.test(message)) return 'NOPERM';
  // Before it knows the user, a server takes no command as long as a script's.
  if (message.includes('unauthenticated')) return 'NOAUTH';
  return /^-?([A-Z]{2,})(?= |$)/.exec(message)?.[1] ?? '';
}

/** What the server says itself, up to where it would quote what it was sent. */
function ownWords(message: string): string {
  const words = message.split(/, with args|[`'"<]|@user_script/)[0] ?? '';
  return `it says "${words.replace(/\s+/g, ' ').slice(0, 120).trim()}"`;
}

function systemFault(error: unknown): string {
  const { code, address, port } = Object(error) as Readonly<Record<string, unknown>>;
  if (typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)) {
    const place = typeof address === 'string' ? ` at ${address}:${String(port)}` : '';
    return `the connection failed with ${code}${place}; ${runsAndIsThere}`;
  }
  if (error === undefined) return isClosed;
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  const words = kinds.get(kind) ?? (error instanceof Error && sentences.get(error.message));
  if (words !== undefined && words !== false) return words;
  return `an error of the kind ${kind}; check that it runs and that the client is connected`;
}
