/**
 * The source of definitions: a line of versions in time, served with etags, and everything that
 * can go wrong with it. Two versions may have one content, as when a change was taken back.
 */
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
  FetchFailure,
} from '../../../lib/core/definitions/definition-source.js';
import type { Tell } from '../trace.js';
import { documentOf, garbage } from './content.js';
import type { Random } from './random.js';
import type { Reply, VirtualProcess } from './virtual-process.js';
import type { World } from './world.js';

export type SourceState =
  | { readonly kind: 'up' }
  | { readonly kind: 'failing'; readonly failure: FetchFailure }
  /** Answers after longer than anybody waits. */
  | { readonly kind: 'hanging' }
  | { readonly kind: 'slow'; readonly fromMs: number; readonly toMs: number }
  /** Serves no definitions with status 200. */
  | { readonly kind: 'garbage' }
  /** Half of the answers are older by a version or two. */
  | { readonly kind: 'outdated' }
  /** Every other answer that a process gets is wrong: without flags, or older by a version. */
  | { readonly kind: 'mistaken'; readonly how: 'emptied' | 'outdated' };

const up: SourceState = { kind: 'up' };
const SOURCE_TIMEOUT_MS = 10_000;

export interface VirtualSourceParts {
  readonly world: World;
  readonly random: Random;
  readonly tell: Tell;
}

export class VirtualSource {
  /** Set to make it fail for everybody. */
  state: SourceState = up;
  /** Processes that cannot reach it, and how they fail. */
  readonly cutOff = new Map<string, 'refused' | 'timeout' | 'unauthorized'>();
  /** How often it was asked. */
  requests = 0;
  /** Whether each change has a number of its own, so that a content that comes back differs. */
  numbersChanges = true;
  private readonly versions: string[] = [];
  /** Processes whose last answer was wrong. */
  private readonly misled = new Set<string>();

  constructor(private readonly parts: VirtualSourceParts) {}

  get content(): string {
    return this.versions.at(-1) ?? 'none';
  }

  /** What it would send now. */
  get document() {
    return documentOf(this.content, this.numberOf(this.versions.length));
  }

  /** Publishes a new content, or goes back to an old one. */
  change(content = `content-${this.versions.length + 1}`): void {
    if (content === this.content) return;
    this.versions.push(content);
    this.parts.tell({ type: 'version', version: this.versions.length, content });
  }

  /** Takes the last change back. */
  revert(): void {
    const previous = this.versions.at(-2);
    if (previous === undefined) this.change();
    else this.change(previous);
  }

  /** The source as a process reaches it; `onFetch` is told of each fetch and of its end. */
  connectionOf(
    process: VirtualProcess,
    onFetch: { started(): void; ended(answer: DefinitionSourceAnswer): void },
  ): DefinitionSource {
    return {
      description: 'the source',
      fetch: async ({ etag }) => {
        onFetch.started();
        const answer = await process.call<DefinitionSourceAnswer>('fetch', 'fetched', (reply) =>
          this.receive(process, etag, reply),
        );
        onFetch.ended(answer);
        return answer;
      },
    };
  }

  private receive(
    process: VirtualProcess,
    etag: string | undefined,
    reply: Reply<DefinitionSourceAnswer>,
  ): void {
    const { world, random } = this.parts;
    const { state } = this;
    this.requests += 1;
    const answerAfter = (delayMs: number, answer: DefinitionSourceAnswer): void => {
      // A source gives up by its own clock, however slow the other side is.
      const limitMs = SOURCE_TIMEOUT_MS / process.rate;
      if (delayMs < limitMs) world.after(delayMs, () => reply.resolve(answer));
      else world.after(limitMs, () => reply.resolve(failed('timeout')));
    };
    const cut = this.cutOff.get(process.name);
    if (cut === 'unauthorized') return answerAfter(20, failed('unauthorized', 401));
    if (cut !== undefined) return answerAfter(cut === 'refused' ? 5 : Infinity, failed('network'));
    if (state.kind === 'hanging') return;
    if (state.kind === 'failing') {
      return answerAfter(random.between(5, 100), { kind: 'failed', failure: state.failure });
    }
    const slow = state.kind === 'slow' ? random.between(state.fromMs, state.toMs) : 0;
    const totalMs = random.between(20, 200) + slow;
    const servedAfterMs = totalMs * random.next();
    world.after(servedAfterMs, () =>
      answerAfter(totalMs - servedAfterMs, this.serve(process, etag)),
    );
  }

  private serve({ name }: VirtualProcess, etag: string | undefined): DefinitionSourceAnswer {
    const { random } = this.parts;
    const { state } = this;
    if (state.kind === 'garbage') return { kind: 'definitions', body: random.pick(garbage) };
    const isMistaken = state.kind === 'mistaken' && !this.misled.delete(name);
    if (isMistaken) this.misled.add(name);
    if (isMistaken && state.how === 'emptied') {
      return { kind: 'definitions', body: { ...documentOf('none', 1), flags: [] }, etag: '"none"' };
    }
    if (isMistaken) return this.version(this.versions.length - 1, etag);
    const isOld = state.kind === 'outdated' && random.chance(0.5);
    return this.version(this.versions.length - (isOld ? random.integer(1, 2) : 0), etag);
  }

  private version(asked: number, etag: string | undefined): DefinitionSourceAnswer {
    const version = asked < 1 ? this.versions.length : asked;
    const content = this.versions[version - 1] ?? 'none';
    const number = this.numberOf(version);
    const current = `W/"${content}#${number}"`;
    if (etag === current) return { kind: 'not-modified', etag: current };
    return { kind: 'definitions', body: documentOf(content, number), etag: current };
  }

  private numberOf(version: number): number {
    return this.numbersChanges ? version : 1;
  }
}

function failed(code: FetchFailure['code'], status?: number): DefinitionSourceAnswer {
  const failure = { code, message: `The source failed: ${code}.` };
  return { kind: 'failed', failure: status === undefined ? failure : { ...failure, status } };
}
