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
  | { readonly kind: 'outdated' };

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
  private readonly versions: string[] = [];

  constructor(private readonly parts: VirtualSourceParts) {}

  get content(): string {
    return this.versions.at(-1) ?? 'none';
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
    world.after(servedAfterMs, () => answerAfter(totalMs - servedAfterMs, this.serve(etag, state)));
  }

  private serve(etag: string | undefined, state: SourceState): DefinitionSourceAnswer {
    const { random } = this.parts;
    if (state.kind === 'garbage') return { kind: 'definitions', body: random.pick(garbage) };
    const isOld = state.kind === 'outdated' && random.chance(0.5);
    const content = this.versions.at(isOld ? -random.integer(2, 3) : -1) ?? this.content;
    const current = `W/"${content}"`;
    if (etag === current) return { kind: 'not-modified', etag: current };
    return { kind: 'definitions', body: documentOf(content), etag: current };
  }
}

function failed(code: FetchFailure['code'], status?: number): DefinitionSourceAnswer {
  const failure = { code, message: `The source failed: ${code}.` };
  return { kind: 'failed', failure: status === undefined ? failure : { ...failure, status } };
}
