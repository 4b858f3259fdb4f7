/**
 * One instance of an app: a Nest application context with the built module, as a user writes it,
 * observed through the module's own events, its service and its logger.
 */
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FeatureFlagsModule,
  FlagsService,
  PostHogDefinitionSource,
} from '../../../dist/esm/index.js';
import { readCacheUrl } from '../../../dist/esm/caches/url/cache-url.js';
import { claimed } from '../../../dist/esm/core/coordination/coordination-factory.js';
import { systemClock } from '../../../dist/esm/core/time/clock.js';

const keys = ['first', 'second'];
const somebody = { distinctId: 'somebody' };

export class NestInstance {
  flags;
  hasLoaded = false;

  constructor(spec, tell) {
    this.spec = spec;
    this.tell = tell;
  }

  async start() {
    const { polling, cacheTimeoutMs } = this.spec;
    const cache = await this.cache();
    class AppModule {}
    Module({
      imports: [
        FeatureFlagsModule.forRoot({
          source: this.source(),
          cache,
          polling,
          cacheTimeoutMs,
          observers: [{ onEvent: (event) => this.observe(event) }],
          logger: this.logger(),
        }),
      ],
      providers: [
        {
          provide: 'witness',
          inject: [FlagsService],
          useFactory: (flags) => {
            this.flags = flags;
            return { onApplicationShutdown: (signal) => this.shutDown(signal) };
          },
        },
      ],
    })(AppModule);
    this.app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    if (this.spec.shutdownHooks) this.app.enableShutdownHooks();
    this.tell({ type: 'ready', isReady: this.flags.status().ready });
  }

  /** @returns what was wrong with an evaluation, undefined when nothing was */
  evaluate() {
    try {
      if (this.flags === undefined || !this.hasLoaded) return undefined;
      const content = this.content();
      return content === undefined ? 'an unknown or empty set of flags' : undefined;
    } catch (error) {
      return `by throwing ${String(error)}`;
    }
  }

  async close() {
    await this.app?.close();
  }

  /** Called by Nest when all modules are destroyed. */
  shutDown(signal) {
    if (signal === undefined) return;
    this.tell({ type: 'closed', tookMs: performance.now() - this.closingAtMs });
  }

  /** The content is the one name that all flags carry. */
  content() {
    const all = this.flags.local.evaluateAll(somebody);
    const payloads = keys.map((key) => all.get(key)?.payload);
    const [first] = payloads;
    const isWhole = typeof first === 'string' && payloads.every((payload) => payload === first);
    return isWhole ? first : undefined;
  }

  source() {
    const { source, requestTimeoutMs, name } = this.spec;
    const fetchAs = async (url, init) => {
      this.tell({ type: 'fetch-started' });
      try {
        const response = await fetch(url, {
          ...init,
          headers: { ...init.headers, 'x-instance': name },
        });
        this.tell({ type: 'fetch-ended', answer: String(response.status) });
        return response;
      } catch (error) {
        this.tell({ type: 'fetch-ended', answer: 'network' });
        throw error;
      }
    };
    return new PostHogDefinitionSource({ ...source, requestTimeoutMs, fetch: fetchAs });
  }

  /** The URL; or, where a lease shorter than the product's is asked for, what the URL stands for. */
  async cache() {
    const { cacheUrl, leaseMs, cacheTimeoutMs } = this.spec;
    if (leaseMs === undefined) return cacheUrl;
    return {
      records: await readCacheUrl(cacheUrl).open({
        identity: undefined,
        commandTimeoutMs: cacheTimeoutMs,
        clock: systemClock,
      }),
      coordination: (parts) => claimed()({ ...parts, leaseMs }),
    };
  }

  logger() {
    const say = (level) => (text) => this.tell({ type: 'log', level, text: String(text) });
    return { log: say('log'), warn: say('warn'), error: say('error') };
  }

  observe(event) {
    if (event.type === 'definitions-changed') {
      this.hasLoaded = true;
      this.tell({ type: 'applied', revision: event.revision, content: this.content() });
    }
    if (event.type !== 'turn-finished') return;
    const { outcome } = event;
    const why = outcome.kind === 'waiting' ? `:${outcome.why}` : '';
    this.tell({
      type: 'turn',
      outcome: `${outcome.kind}${why}`,
      role: outcome.role,
      failure: outcome.failure?.code,
      cacheFailures: outcome.cacheFailures.map(({ step }) => step),
    });
    const told = outcome.cacheFailures.map(({ message }) => message);
    if (outcome.failure !== undefined) told.push(outcome.failure.message);
    for (const text of told) this.tell({ type: 'log', level: 'outcome', text });
  }
}
