/**
 * Whether nobody but this user can decide what lies in a folder. Who can write there decides the
 * flags of the app, so a folder that anybody may write is refused, and so is a path that leads
 * through a link which somebody else may have laid.
 */
import { dirname, join, parse, sep } from 'node:path';
import { codeOf } from './file-fault.js';
import type { FileIo } from './file-io.js';

const OTHERS_WRITE = 0o002;
/** As `/tmp` has it: meant for all. */
const STICKY = 0o1000;
const OTHERS_OR_GROUP_WRITE = 0o022;

/**
 * What is wrong with the folder that the app has named, as a sentence to stand after its path;
 * undefined when nothing is. It is there already.
 */
export async function faultOfFolder(folder: string, io: FileIo): Promise<string | undefined> {
  const real = await io.realpath(folder);
  const facts = await io.stat(real);
  if (!facts.isDirectory()) return 'is no folder. Give the path of a folder.';
  if (userId() === undefined) return undefined;
  if ((facts.mode & OTHERS_WRITE) !== 0) {
    const remedy = (facts.mode & STICKY) === 0 ? ', or take the right away (chmod o-w)' : '';
    return `may be written by every user of this host, who could decide the flags of the app there. Give a folder below it that belongs to the user of this process${remedy}.`;
  }
  if (!isTrusted(facts.uid)) {
    return 'belongs to another user, who could decide the flags of the app there. Give the folder to the user of this process (chown), or choose another.';
  }
  return (await hasForeignStep(folder, io)) || (await hasForeignStep(real, io))
    ? 'is reached through a folder that every user may write, by a link or folder there which belongs to another user. Choose a path that only the user of this process can change.'
    : undefined;
}

/** The same for the folder that is made here, which nobody else should have touched. */
export async function faultOfOwnFolder(folder: string, io: FileIo): Promise<string | undefined> {
  const facts = await io.lstat(folder);
  if (!facts.isDirectory()) return 'is a link or a file, and not the folder that is made here. Remove it.'; // prettier-ignore
  if (userId() === undefined) return undefined;
  if (facts.uid !== userId()) {
    return 'belongs to another user. Processes that share a file cache run as the same user: remove it, or choose another key or folder.';
  }
  return (facts.mode & OTHERS_OR_GROUP_WRITE) === 0
    ? undefined
    : 'may be written by other users, who could decide the flags of the app there. Take the right away (chmod 700).';
}

/** Whether this process would trust what this user has written. */
export function isTrusted(uid: number): boolean {
  const own = userId();
  return own === undefined || uid === own || uid === 0;
}

/** Undefined where files have no owner of this kind (Windows). */
function userId(): number | undefined {
  return process.geteuid?.();
}

/** Whether anything on the way lies in a folder that all may write, and belongs to a stranger. */
async function hasForeignStep(path: string, io: FileIo): Promise<boolean> {
  const { root } = parse(path);
  let at = root;
  for (const name of path.slice(root.length).split(sep)) {
    at = join(at, name);
    const parent = await io.stat(dirname(at)).catch(ignoreGone);
    const facts = await io.lstat(at).catch(ignoreGone);
    if (parent === undefined || facts === undefined) continue;
    if ((parent.mode & OTHERS_WRITE) !== 0 && !isTrusted(facts.uid)) return true;
  }
  return false;
}

function ignoreGone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
