/** A register in memory, which can be slow: others come in between its reading and its writing. */
import type { StoredBody } from '../../../lib/core/cache/body-store.js';
import type { MemberState } from '../../../lib/core/coordination/claim-state.js';
import type {
  Register,
  RegisterBodies,
  RegisterEntry,
  RegisterMembers,
  RegisterValue,
} from '../../../lib/core/register/register.js';
import {
  registerValueFromJson,
  registerValueToJson,
} from '../../../lib/core/register/register-value.js';

export class MemoryRegister implements Register, RegisterBodies, RegisterMembers {
  /** Runs before a value is replaced. */
  beforeReplace: () => Promise<void> = async () => undefined;
  replacements = 0;
  readonly bodies = new Map<number, StoredBody>();
  readonly signs = new Map<string, MemberState>();
  private json: string | undefined;
  private version = 0;

  async read(): Promise<RegisterEntry | undefined>;
  async read(revision: number): Promise<StoredBody | undefined>;
  async read(revision?: number): Promise<RegisterEntry | StoredBody | undefined> {
    if (revision !== undefined) return this.bodies.get(revision);
    const value = this.json === undefined ? undefined : registerValueFromJson(this.json);
    return value && { value, version: `${this.version}` };
  }

  async replace(expected: string | undefined, next: RegisterValue): Promise<boolean> {
    await this.beforeReplace();
    if (expected !== (this.json === undefined ? undefined : `${this.version}`)) return false;
    this.json = registerValueToJson(next);
    this.version += 1;
    this.replacements += 1;
    return true;
  }

  async write(body: StoredBody): Promise<boolean> {
    const there = this.bodies.get(body.revision);
    if (there !== undefined) return there.digest === body.digest;
    this.bodies.set(body.revision, body);
    return true;
  }

  async keepOnly(revisions: readonly number[]): Promise<void> {
    const highest = Math.max(...revisions);
    for (const revision of this.bodies.keys()) {
      if (revision < highest && !revisions.includes(revision)) this.bodies.delete(revision);
    }
  }

  async sign(instance: string, member: MemberState): Promise<void> {
    this.signs.set(instance, member);
  }

  async all(): Promise<ReadonlyMap<string, MemberState>> {
    return new Map(this.signs);
  }

  async forget(instances: readonly string[]): Promise<void> {
    for (const instance of instances) this.signs.delete(instance);
  }

  wipe(): void {
    this.json = undefined;
    this.bodies.clear();
    this.signs.clear();
  }
}
