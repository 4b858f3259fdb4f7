/**
 * Signs of life, an item each. They are counted when a claim is granted, and those that were not
 * seen for long are deleted then; the time to live is for what a fleet that is gone leaves behind.
 */
import type { MemberState } from '../../core/coordination/claim-state.js';
import type { RegisterMembers } from '../../core/register/register.js';
import type { Item } from './dynamodb-sdk.js';
import type { DynamodbTable } from './dynamodb-table.js';

const MEMBER = 'member#';
const TTL_MS = 86_400_000;

export class DynamodbMembers implements RegisterMembers {
  constructor(
    private readonly table: DynamodbTable,
    private readonly ttlAttribute: string,
  ) {}

  async sign(instance: string, { seenAt, revision, ageMs }: MemberState): Promise<void> {
    await this.table.put(MEMBER + instance, {
      seenAt: { N: `${seenAt}` },
      revision: { N: `${revision}` },
      ...(ageMs === undefined ? {} : { ageMs: { N: `${ageMs}` } }),
      [this.ttlAttribute]: { N: `${Math.ceil((seenAt + TTL_MS) / 1_000)}` },
    });
  }

  async all(): Promise<ReadonlyMap<string, MemberState>> {
    const items = await this.table.all(MEMBER);
    return new Map(items.map((item) => [this.table.nameOf(item, MEMBER), memberOf(item)]));
  }

  async forget(instances: readonly string[]): Promise<void> {
    await this.table.each(instances, (instance) => this.table.remove(MEMBER + instance));
  }
}

/** What cannot be read was last seen never, and is forgotten soon. */
function memberOf(item: Item): MemberState {
  const ageMs = item['ageMs']?.N;
  return {
    seenAt: Number(item['seenAt']?.N ?? 0) || 0,
    revision: Number(item['revision']?.N ?? 0) || 0,
    ageMs: ageMs === undefined ? undefined : Number(ageMs) || 0,
  };
}
