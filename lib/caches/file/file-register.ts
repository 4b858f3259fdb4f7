/** The register of a cache in a folder: the newest head, and what the folder shows beside it. */
import { loseBody } from '../../core/coordination/claim-publication.js';
import type { Register, RegisterEntry, RegisterValue } from '../../core/register/register.js';
import { bodyName } from './file-names.js';
import type { FolderFiles } from './folder-files.js';
import { HeadFiles, type CurrentHead } from './head-files.js';

export class FileRegister implements Register {
  private readonly heads: HeadFiles;

  constructor(private readonly files: FolderFiles) {
    this.heads = new HeadFiles(files);
  }

  async read(): Promise<RegisterEntry | undefined> {
    const head = await this.heads.current();
    if (head === undefined) return undefined;
    return { value: await this.withoutLostBody(head), version: versionOf(head) };
  }

  async replace(expected: string | undefined, next: RegisterValue): Promise<boolean> {
    const head = await this.heads.current();
    const version = head === undefined ? undefined : versionOf(head);
    return version === expected && this.heads.follow(head, next);
  }

  /** A body that somebody has removed, or that was damaged, is to be published again. */
  private async withoutLostBody({ value, names }: CurrentHead): Promise<RegisterValue> {
    const { record } = value.state;
    if (record === undefined) return value;
    const name = bodyName(record.revision);
    // One that was laid down while the folder was being listed may be missing from the list.
    if (names.includes(name) || (await this.files.has(name))) return value;
    return { ...value, state: loseBody(value.state, record.revision) };
  }
}

/** The writer is in it, for a generation that is damaged is read as the one before. */
function versionOf({ history, generation, writers }: CurrentHead): string {
  return `${history}-${generation}-${writers[0] ?? ''}`;
}
