/** Puts the parts of a cache in a folder together. */
import { join } from 'node:path';
import type { RecordSettings } from '../../core/cache/record-backend.js';
import { namespaceOf } from '../../core/cache/cache-key.js';
import { RegisterRecordStore } from '../../core/register/register-record-store.js';
import { ObservedTime, commonTime } from '../../core/register/register-time.js';
import type { Register } from '../../core/register/register.js';
import { isFlagsError } from '../../core/errors/flags-error.js';
import { CacheFolder } from './cache-folder.js';
import { FileBodies } from './file-bodies.js';
import { systemIo, type FileIo } from './file-io.js';
import { FileMembers } from './file-members.js';
import { MEMBERS } from './file-names.js';
import { FileRegister } from './file-register.js';
import { FolderFiles } from './folder-files.js';
import { FolderWatch } from './folder-watch.js';

export interface FileRecordsParts {
  /** An absolute path. */
  readonly folder: string;
  readonly key: string;
  readonly allowsNetwork: boolean;
  /** False: no notices of the system, changes are found at the next check. */
  readonly push: boolean;
  readonly io?: FileIo;
}

/**
 * @throws FlagsError `invalid-options` for a folder that must not be used. One that cannot be used
 * now (the disk is full, or not there yet) is no reason not to start: each operation tries again.
 */
export async function openFileRecords(
  parts: FileRecordsParts,
  { identity, clock }: RecordSettings,
): Promise<RegisterRecordStore> {
  const { folder, key, allowsNetwork, io = systemIo } = parts;
  const namespace = namespaceOf(key, identity);
  const cacheFolder = new CacheFolder({ folder, namespace, allowsNetwork, io });
  await cacheFolder.ready().catch((error: unknown) => {
    if (isFlagsError(error)) throw error;
  });
  const { path, networkKind } = cacheFolder;
  const shared = {
    ready: () => cacheFolder.ready(),
    ensure: () => cacheFolder.ensure(),
    io,
  };
  const files = new FolderFiles({ ...shared, path });
  const register = new FileRegister(files);
  const revision = async (): Promise<number> =>
    (await register.read())?.value.state.record?.revision ?? 0;
  // Notices tell nothing of what other hosts do.
  const isPushed = parts.push && networkKind === undefined;
  const watch = isPushed ? new FolderWatch({ path, io, clock, revision }) : undefined;
  return new RegisterRecordStore({
    description: `the folder ${folder}`,
    key: namespace,
    ...(networkKind === undefined ? {} : { caveat: caveatOf(networkKind) }),
    register: watch === undefined ? register : followedBy(watch, register),
    bodies: new FileBodies(files, clock),
    members: new FileMembers(new FolderFiles({ ...shared, path: join(path, MEMBERS) })),
    time: networkKind === undefined ? commonTime(clock) : new ObservedTime(clock),
    clock,
    ...(watch === undefined ? {} : { push: watch, close: () => watch.close() }),
  });
}

/** Each check finds out whether the folder is still the one that is watched. */
function followedBy(watch: FolderWatch, register: Register): Register {
  return {
    read: async () => {
      void watch.follow();
      return register.read();
    },
    replace: (expected, next) => register.replace(expected, next),
  };
}

function caveatOf(networkKind: string): string {
  return `On a network file system (${networkKind}) neither is certain: that only one fetches, and that a newer revision is never hidden by an older one.`;
}
