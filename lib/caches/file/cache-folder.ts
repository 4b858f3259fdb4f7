/**
 * The folder of one cache: made when it is needed, and made again when somebody has removed it.
 * It is looked at before anything is written there: a place that others may write, or that is on
 * another machine, is refused.
 */
import { join } from 'node:path';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { FileIo } from './file-io.js';
import { MEMBERS, folderNameOf } from './file-names.js';
import { networkKindOf } from './network-folder.js';
import { faultOfFolder, faultOfOwnFolder } from './safe-folder.js';

export interface CacheFolderParts {
  /** The folder that the app has named, as an absolute path. */
  readonly folder: string;
  readonly namespace: string;
  readonly allowsNetwork: boolean;
  readonly io: FileIo;
}

/** Only the user of this process. */
const OWN_FOLDER = 0o700;

export class CacheFolder {
  /** Where the files of this cache lie. */
  readonly path: string;
  /** The kind of network file system, once that is known. */
  networkKind: string | undefined;
  private isReady = false;

  constructor(private readonly parts: CacheFolderParts) {
    this.path = join(parts.folder, folderNameOf(parts.namespace));
  }

  /** Nothing is read or written before the folder has once been found safe. @throws as below */
  async ready(): Promise<void> {
    if (!this.isReady) await this.ensure();
  }

  /**
   * Makes what is missing, and looks whether it is safe.
   * @throws FlagsError `invalid-options` for a place that must not be used; what the system throws.
   */
  async ensure(): Promise<void> {
    const { folder, io } = this.parts;
    await io.mkdir(folder, { recursive: true, mode: OWN_FOLDER });
    refuse(folder, await faultOfFolder(folder, io));
    this.networkKind = await networkKindOf(folder, io);
    refuse(folder, this.networkFault());
    await io.mkdir(this.path, { recursive: true, mode: OWN_FOLDER });
    refuse(this.path, await faultOfOwnFolder(this.path, io));
    await io.mkdir(join(this.path, MEMBERS), { recursive: true, mode: OWN_FOLDER });
    this.isReady = true;
  }

  private networkFault(): string | undefined {
    const { networkKind } = this;
    if (networkKind === undefined || this.parts.allowsNetwork) return undefined;
    return `is on a network file system (${networkKind}), where several hosts may not see at once what the others have written. Choose a folder on a disk of this host, or a cache for several hosts (Redis, PostgreSQL, DynamoDB). To use it all the same, with less than a promise, say onNetworkFolder: 'best-effort'.`;
  }
}

function refuse(folder: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new FlagsError(`The folder ${folder} of the file cache ${fault}`, {
    code: 'invalid-options',
  });
}
