/**
 * An instance with `posthog-node` and a cache provider in it, told into the same trace: the example
 * of PostHog's documentation, or ours.
 */
import { withDeadline } from '../../../lib/core/time/deadline.js';
import type { DefinitionSource } from '../../../lib/core/definitions/definition-source.js';
import type { FlagDefinitionCacheProvider } from '../../../lib/core/cache/flag-definition-cache-provider.js';
import type { FetchWindow } from '../trace.js';
import { nameIn } from '../world/content.js';
import type { Member } from '../world/member.js';
import type { VirtualInstanceParts } from '../world/virtual-instance.js';
import type { VirtualProcess } from '../world/virtual-process.js';
import { stringsOf } from '../world/virtual-strings.js';
import { DEFINITIONS_KEY, exampleProvider } from './example-provider.js';
import { PosthogPoller } from './posthog-poller.js';

/** A provider, as this instance can be asked about what it does with the store. */
export type ProviderOf = (
  instance: ForeignInstance,
  parts: VirtualInstanceParts,
) => FlagDefinitionCacheProvider;

const examples: ProviderOf = (instance, { store, process }) =>
  exampleProvider(stringsOf(store, process, (key) => instance.sends(key)));

export class ForeignInstance implements Member {
  private readonly poller: PosthogPoller;
  private isClosing = false;
  private mayFetch = false;
  private content: string | undefined;
  private applied = 0;
  private fetchStartedAt = 0;
  private fetch: FetchWindow | undefined;
  private fetched: string | undefined;

  constructor(
    private readonly parts: VirtualInstanceParts,
    providerOf: ProviderOf = examples,
  ) {
    const { process, settings } = parts;
    const provider = providerOf(this, parts);
    this.poller = new PosthogPoller({
      provider,
      source: this.sourceOf(),
      clock: process.clock,
      intervalMs: settings.intervalMs,
      onApplied: (definitions) => this.apply(nameIn(definitions)),
      onLoaded: (outcome) =>
        parts.tell({ type: 'turn', instance: this.name, outcome, instances: undefined }),
    });
  }

  get name(): string {
    return this.parts.process.name;
  }

  get process(): VirtualProcess {
    return this.parts.process;
  }

  get alive(): boolean {
    return this.process.alive;
  }

  boot(): void {
    this.parts.tell({ type: 'booted', instance: this.name, rate: this.process.rate });
    this.poller.start();
  }

  close(): void {
    if (this.isClosing || !this.alive) return;
    this.isClosing = true;
    const { process, tell } = this.parts;
    const startedAtMs = process.clock.monotonicMs();
    tell({ type: 'closing', instance: this.name });
    process.deliver(() => {
      void this.poller.shutdown().then(() => {
        const tookMs = process.clock.monotonicMs() - startedAtMs;
        tell({ type: 'closed', instance: this.name, tookMs });
        this.crash();
      });
    });
  }

  crash(): void {
    if (!this.alive) return;
    this.process.crash();
    this.parts.tell({ type: 'died', instance: this.name });
  }

  evaluate(): void {
    if (!this.alive || this.content === undefined) return;
    this.parts.tell({ type: 'evaluated', instance: this.name, fault: undefined });
  }

  private apply(content: string | undefined): void {
    if (content === this.content) return;
    this.content = content;
    this.applied += 1;
    const { name: instance, applied: revision } = this;
    this.parts.tell({ type: 'applied', instance, revision, content });
  }

  private sourceOf(): DefinitionSource {
    const { source, process, settings, world, tell } = this.parts;
    const connected = source.connectionOf(process, {
      started: () => {
        this.fetchStartedAt = world.nowMs;
        const right = this.mayFetch ? 'claim' : 'cold';
        tell({ type: 'fetch-started', instance: this.name, right });
      },
      ended: (answer) => {
        this.fetch = { startedAt: this.fetchStartedAt, endedAt: world.nowMs };
        this.fetched = answer.kind === 'definitions' ? nameIn(answer.body) : undefined;
        tell({ type: 'fetch-ended', instance: this.name, answer: answer.kind });
      },
    });
    const deadline = { clock: process.clock, ms: settings.fetchTimeoutMs, what: 'The source' };
    return {
      ...connected,
      fetch: (request) =>
        withDeadline(deadline, () => connected.fetch(request)).catch((cause: unknown) => ({
          kind: 'failed',
          failure: { code: 'timeout', message: String(cause) },
        })),
    };
  }

  /** The last fetch that has ended, and what it brought or found unchanged. */
  get lastFetch(): FetchWindow | undefined {
    return this.fetch;
  }

  get lastFetched(): string | undefined {
    return this.fetched ?? this.content;
  }

  /** Whether the fetches to come are made under a claim. */
  claims(mayFetch: boolean): void {
    this.mayFetch = mayFetch;
  }

  /** A value leaves; tells what became of it when it arrives, were it much later. */
  sends(key: string): (isSet: boolean) => void {
    if (key !== DEFINITIONS_KEY) return (isSet) => (this.mayFetch = isSet);
    const { fetch, fetched: content, name: instance } = this;
    const token = this.parts.random.integer(1, 2 ** 48);
    return () => {
      const told = { kind: 'new', reply: 'accepted', untouched: false, content, fetch } as const;
      this.parts.tell({ type: 'finished', instance, token, ...told });
    };
  }
}
