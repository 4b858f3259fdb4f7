/**
 * A snapshot file: definitions as they were at one moment, taken by `nestjs-feature-flags snapshot`
 * and put beside the app. It says of which project they are and when they were taken, and its digest
 * shows that nobody has cut or edited it. It is no seal: who can write the file decides the flags.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { canonicalJson } from '../core/definitions/canonical-json.js';
import { digestOfText } from '../core/definitions/digest.js';
import type { FlagDefinitionCacheData } from '../core/definitions/flag-definitions.js';
import { isObject, propertyOf } from '../core/given/given-value.js';

const FORMAT = 'nestjs-feature-flags/snapshot';
const VERSION = 1;
const MAX_FILE_BYTES = 33 * 1024 * 1024;

export interface Snapshot {
  /** Wall clock of whoever took it, milliseconds since 1970. */
  readonly takenAtMs: number;
  /** Where it was taken, as the source describes itself. */
  readonly source: string;
  /** Of the project; undefined where the source has none. */
  readonly identity: string | undefined;
  readonly digest: string;
  readonly definitions: unknown;
}

export type SnapshotReading =
  | { readonly ok: true; readonly snapshot: Snapshot }
  /** What is wrong, where, and what to do. */
  | { readonly ok: false; readonly message: string };

/** @param definitions parsed ones. */
export function snapshotText(
  definitions: FlagDefinitionCacheData,
  facts: Pick<Snapshot, 'takenAtMs' | 'source' | 'identity'>,
): string {
  const { takenAtMs, source, identity } = facts;
  const canonical = canonicalJson(definitions);
  const takenAt = new Date(takenAtMs).toISOString();
  const digest = digestOfText(canonical);
  const head = { format: FORMAT, version: VERSION, takenAt, source, identity, digest };
  return `${JSON.stringify(head).slice(0, -1)},"definitions":${canonical}}\n`;
}

/** Reads the file once. Does not reject. */
export async function readSnapshot(path: string): Promise<SnapshotReading> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const facts = await handle.stat();
    if (!facts.isFile()) return wrong(path, 'is no file but a directory or a device');
    if (facts.size > MAX_FILE_BYTES) {
      return wrong(path, `has ${facts.size} bytes, and ${MAX_FILE_BYTES} is the most`);
    }
    return snapshotOf(path, await handle.readFile('utf8'));
  } catch (error) {
    const code = propertyOf(error, 'code');
    if (code === 'ENOENT' || code === 'ENOTDIR') return wrong(path, 'is not there');
    return wrong(path, `cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`);
  } finally {
    await handle?.close().catch(() => undefined);
  }
}

function snapshotOf(path: string, text: string): SnapshotReading {
  const value = parse(text);
  if (propertyOf(value, 'format') !== FORMAT) {
    return wrong(path, 'is no snapshot, or was not written to its end');
  }
  const version = propertyOf(value, 'version');
  if (version !== VERSION) {
    return wrong(path, `has the version ${String(version)}, and this package knows ${VERSION}`);
  }
  const definitions = propertyOf(value, 'definitions');
  const digest = propertyOf(value, 'digest');
  const takenAtMs = Date.parse(String(propertyOf(value, 'takenAt')));
  if (Number.isNaN(takenAtMs)) return wrong(path, 'does not say when it was taken');
  if (!isObject(definitions) || digestOfText(canonicalJson(definitions)) !== digest) {
    return wrong(path, 'was edited, or is not whole: its digest does not fit it');
  }
  const identity = propertyOf(value, 'identity');
  const snapshot: Snapshot = {
    takenAtMs,
    source: String(propertyOf(value, 'source')),
    identity: typeof identity === 'string' ? identity : undefined,
    digest,
    definitions,
  };
  return { ok: true, snapshot };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function wrong(path: string, what: string): SnapshotReading {
  const message = `The snapshot file ${path} ${what}. Take one with: npx nestjs-feature-flags snapshot --out ${path}`;
  return { ok: false, message };
}
