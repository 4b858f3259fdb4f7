/**
 * From what a PostgreSQL has executed to what it meant: claims that were granted and finished,
 * bodies that were read. Which operation it was is told by the function that was called; what
 * became of it, by the rows that were written, which is what no reply and no instance can misreport.
 */
import type { StoreListener } from './fleet-store.js';
import type { LogFact, WrittenRow } from './postgres-log.js';

type Fact<Type extends LogFact['type']> = Extract<LogFact, { readonly type: Type }>;
type Write = Fact<'wrote'>;
const finishKinds = ['new', 'same', 'failed', 'handed-over', 'unheard'] as const;

export class PostgresWitness {
  private readonly members = new Set<string>();
  /** By process of the server: what its statement has written until now. */
  private readonly written = new Map<number, Write[]>();

  constructor(private readonly listener: StoreListener) {}

  see(fact: LogFact): void {
    const { pid } = fact;
    if (fact.type === 'failed') this.written.delete(pid);
    else if (fact.type === 'called') {
      const writes = this.written.get(pid) ?? [];
      this.written.delete(pid);
      for (const { row } of writes) this.count(row);
      this.endCall(fact, writes);
    } else if (fact.port === undefined || fact.row.does === 'CREATE') this.count(fact.row);
    else this.written.set(pid, [...(this.written.get(pid) ?? []), fact]);
  }

  /** Who the store knows as a member. */
  private count({ does, before, after }: WrittenRow): void {
    if (does === 'TRUNCATE' || does === 'CREATE') this.members.clear();
    if (before?.kind === 'member') this.members.delete(before.name);
    if (after?.kind === 'member') this.members.add(after.name);
  }

  private endCall(call: Fact<'called'>, writes: readonly Write[]): void {
    const instance = call.port === undefined ? undefined : this.listener.nameOf(call.port);
    if (instance === undefined) return;
    if (call.name === 'check') this.endCheck(call.at, instance, writes);
    if (call.name === 'finish') this.endFinish(call, instance, writes);
    if (call.name === 'body') {
      const revision = Number(call.request['revision']);
      this.listener.tell({ type: 'body-read', at: call.at, instance, revision });
    }
  }

  private endCheck(at: number, instance: string, writes: readonly Write[]): void {
    this.listener.tell({ type: 'checked', at, instance, members: this.members.size });
    for (const { at: writtenAt, row } of claimsAmong(writes)) {
      const token = row.after?.facts['token'];
      if (token === undefined || token === row.before?.facts['token']) continue;
      this.listener.tell({ type: 'granted', at: writtenAt, instance, token: Number(token) });
    }
  }

  private endFinish(call: Fact<'called'>, instance: string, writes: readonly Write[]): void {
    const { token, kind: asked, etag } = call.request;
    const kind = finishKinds.find((name) => name === asked);
    if (kind === undefined) return;
    // Its claim was open, and is not any more.
    const accepted = claimsAmong(writes).find(
      ({ row }) => row.before?.facts['holder'] !== '' && row.after?.facts['holder'] === '',
    );
    const { at } = accepted ?? call;
    this.listener.tell({
      type: 'executed-finish',
      at,
      instance,
      token: Number(token),
      kind,
      etag: typeof etag === 'string' ? etag : '',
      isAccepted: accepted !== undefined,
      hasWritten: writes.length > 0,
    });
  }
}

function claimsAmong(writes: readonly Write[]): readonly Write[] {
  return writes.filter(({ row }) => row.after?.kind === 'claims');
}
