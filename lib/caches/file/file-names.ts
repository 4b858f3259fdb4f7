/**
 * How the files of a cache are named. A name says what a file is and never comes back with another
 * content: heads count up within a history, bodies carry their revision.
 */
import { createHash } from 'node:crypto';

/** Its content, at random, is the name of a history: a folder that was emptied begins another. */
export const ORIGIN = 'origin';
/** Where the signs of life lie, apart: they would wake everybody who watches for heads. */
export const MEMBERS = 'members';
/** Files that are being written, or were when their process died. */
export const TEMPORARY = '.tmp-';
/** What was no file of ours, moved out of the way. */
export const REFUSED = 'refused-';

const HEAD = 'head-';
const BODY = 'body-';

/** The folder of one cache; the digits tell apart what is the same but for letters left out. */
export function folderNameOf(namespace: string): string {
  const readable = namespace.replaceAll(/[^\w.-]+/g, '-').slice(0, 40);
  return `v1-${readable}-${shortDigest(namespace)}`;
}

export function historyOf(origin: Uint8Array): string {
  return shortDigest(origin);
}

export function headName(history: string, generation: number): string {
  return `${HEAD}${history}-${generation}`;
}

export function isHead(name: string): boolean {
  return name.startsWith(HEAD);
}

/** The generations of a history among these names, the newest first. */
export function generationsIn(names: readonly string[], history: string): readonly number[] {
  return numbersIn(names, `${HEAD}${history}-`);
}

export function bodyName(revision: number): string {
  return `${BODY}${revision}`;
}

export function bodiesIn(names: readonly string[]): readonly number[] {
  return numbersIn(names, BODY);
}

/** Names of instances may hold anything. */
export function memberName(instance: string): string {
  return shortDigest(instance);
}

/** What a dead process may have left; never what somebody reads. */
export function isLeftover(name: string, history: string): boolean {
  const isOfAnotherHistory = isHead(name) && !name.startsWith(`${HEAD}${history}-`);
  return name.startsWith(TEMPORARY) || name.startsWith(REFUSED) || isOfAnotherHistory;
}

function numbersIn(names: readonly string[], prefix: string): readonly number[] {
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{1,16}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => b - a);
}

function shortDigest(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 16);
}
