/** Signs of life as files, one for each instance, which alone writes it. Damaged ones are none. */
import type { MemberState } from '../../core/coordination/claim-state.js';
import type { RegisterMembers } from '../../core/register/register.js';
import { memberName } from './file-names.js';
import type { FolderFiles } from './folder-files.js';
import { readStamped, stamp } from './stamped-file.js';

type Signed = readonly [instance: string, member: MemberState];

export class FileMembers implements RegisterMembers {
  constructor(private readonly files: FolderFiles) {}

  /** Never fails: who cannot write, because the disk is full, can still follow. */
  async sign(instance: string, member: MemberState): Promise<void> {
    const bytes = stamp({ instance, ...member });
    await this.files.put(memberName(instance), bytes).catch(() => undefined);
  }

  async all(): Promise<ReadonlyMap<string, MemberState>> {
    const names = await this.files.list();
    const members = await Promise.all(names.map((name) => this.signed(name)));
    return new Map(members.filter((member) => member !== undefined));
  }

  async forget(instances: readonly string[]): Promise<void> {
    await Promise.all(instances.map((instance) => this.files.remove(memberName(instance))));
  }

  private async signed(name: string): Promise<Signed | undefined> {
    const bytes = await this.files.read(name);
    const facts = bytes && readStamped(bytes)?.facts;
    if (facts === undefined) return undefined;
    const { instance, seenAt, revision, ageMs } = facts;
    const isWhole = typeof seenAt === 'number' && typeof revision === 'number';
    // A file that is still being written has the facts, and not yet its name.
    if (!isWhole || typeof instance !== 'string' || memberName(instance) !== name) return undefined;
    const age = typeof ageMs === 'number' ? ageMs : undefined;
    return [instance, { seenAt, revision, ageMs: age }];
  }
}
