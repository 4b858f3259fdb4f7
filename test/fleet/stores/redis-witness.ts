/**
 * From the commands that a Redis has executed to what they meant: claims that were granted and
 * finished, bodies that were read. Which of our scripts it was is told by its arguments; what
 * became of it, by what it wrote, which is what no reply and no instance can misreport.
 */
import { isDeepStrictEqual } from 'node:util';
import { nameIn } from '../../simulation/world/content.js';
import type { StoreFact } from '../told.js';
import type { ExecutedCommand } from './redis-monitor.js';

/** `EVALSHA`, the hash, three keys and their number. */
const BEFORE_ARGUMENTS = 6;
/** Where the example provider of PostHog's documentation keeps the definitions. */
const FOREIGN_KEY = 'posthog:flags:team';
/** Of CHECK and of FINISH alike, which the kind tells apart; the other scripts have fewer. */
const ARGUMENTS = 13;
const finishKinds = ['new', 'same', 'failed', 'handed-over'] as const;
type FinishKind = (typeof finishKinds)[number];

/** A script that is being executed, and what it has written so far. */
interface Script {
  readonly at: number;
  readonly port: number;
  readonly args: readonly string[];
  readonly written: Map<string, string>;
  hasWritten: boolean;
}

export class RedisWitness {
  private script: Script | undefined;
  private readonly members = new Set<string>();

  /** @param nameOf who speaks from a port */
  constructor(
    private readonly nameOf: (port: number) => string | undefined,
    private readonly tell: (fact: StoreFact & { readonly at: number }) => void,
  ) {}

  see(command: ExecutedCommand): void {
    if (command.port === undefined) {
      this.seeWithin(command.args);
      return;
    }
    const [name = '', ...args] = command.args;
    const kind = name.toUpperCase();
    const own = args.slice(BEFORE_ARGUMENTS - 1);
    if (kind === 'EVAL' && this.isAgain(command.port, own)) this.script = undefined;
    this.settle();
    if (kind === 'EVALSHA' || kind === 'EVAL') {
      const { at, port } = command;
      this.script = { at, port, args: own, written: new Map(), hasWritten: false };
    }
    if (kind === 'FLUSHALL') this.lost();
    if (kind === 'GET') this.seeRead(command, args[0] ?? '');
    if (kind === 'SET' && args[0] === FOREIGN_KEY) this.seeForeignWrite(command);
  }

  /** The Redis has lost all that it knew. */
  lost(): void {
    this.members.clear();
  }

  /** The last script has ended, too. */
  settle(): void {
    const { script } = this;
    this.script = undefined;
    const instance = script && this.nameOf(script.port);
    if (script === undefined || instance === undefined) return;
    if (script.args.length !== ARGUMENTS) return;
    if (finishKinds.some((kind) => kind === script.args[2])) this.endFinish(script, instance);
    else this.endCheck(script, instance);
  }

  /** A script that Redis did not know is sent again, whole; the first time it did nothing. */
  private isAgain(port: number, args: readonly string[]): boolean {
    const { script } = this;
    return script?.port === port && !script.hasWritten && isDeepStrictEqual(script.args, args);
  }

  private seeWithin([name = '', key = '', ...rest]: readonly string[]): void {
    const { script } = this;
    const kind = name.toUpperCase();
    if (key.endsWith(':members')) {
      if (kind === 'HSET') this.members.add(rest[0] ?? '');
      if (kind === 'HDEL') this.members.delete(rest[0] ?? '');
      return;
    }
    if (script === undefined) return;
    if (['HSET', 'PERSIST', 'PEXPIRE', 'PUBLISH'].includes(kind)) script.hasWritten = true;
    if (kind !== 'HSET') return;
    for (let i = 0; i + 1 < rest.length; i += 2) script.written.set(rest[i]!, rest[i + 1]!);
  }

  private seeRead({ at, port = 0 }: ExecutedCommand, key: string): void {
    const revision = /:body:(\d+)$/.exec(key)?.[1];
    const instance = this.nameOf(port);
    if (revision === undefined || instance === undefined) return;
    this.tell({ type: 'body-read', at, instance, revision: Number(revision) });
  }

  /** A publication without a claim, accepted always. Its content stands for its etag. */
  private seeForeignWrite({ at, port = 0, args }: ExecutedCommand): void {
    const instance = this.nameOf(port);
    const etag = nameIn(JSON.parse(args[2] ?? 'null')) ?? '';
    if (instance === undefined) return;
    const facts = { token: at, kind: 'new', etag, isAccepted: true, hasWritten: true } as const;
    this.tell({ type: 'executed-finish', at, instance, ...facts });
  }

  private endCheck({ at, written }: Script, instance: string): void {
    this.tell({ type: 'checked', at, instance, members: this.members.size });
    const token = written.get('token');
    if (token !== undefined) this.tell({ type: 'granted', at, instance, token: Number(token) });
  }

  private endFinish({ at, args, written, hasWritten }: Script, instance: string): void {
    const kind = args[2] as FinishKind;
    if (!finishKinds.includes(kind)) return;
    const facts = { token: Number(args[1]), kind, etag: args[6] ?? '' };
    const isAccepted = written.get('holder') === '';
    this.tell({ type: 'executed-finish', at, instance, ...facts, isAccepted, hasWritten });
  }
}
