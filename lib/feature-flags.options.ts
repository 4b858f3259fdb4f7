/**
 * What an app writes to configure this library. Everything but `source` has a default; the
 * values are checked, all at once, in `feature-flags.resolved-options.ts`.
 */
import type { DefinitionSource } from './core/definitions/definition-source.js';
import type { SnapshotFileOptions } from './boot-snapshot.js';
import type { FlagsObserver } from './core/observe/flags-observer.js';
import type { RemoteEvaluator } from './core/remote/remote-evaluator.js';
import type { CacheOption } from './options/feature-flags.cache.js';
import type { ExposureOption } from './options/feature-flags.exposures.js';
import type { FallbackCacheOption } from './options/feature-flags.remote.js';
import type { FlagsLogger } from './log/flags-logger.js';
import type { SignedOverridesOptions } from './options/overrides.options.js';
import type { EvaluationContextResolver } from './request/evaluation-context-resolver.js';

/** How often the definitions are refreshed. @publicApi */
export interface PollingOptions {
  /**
   * Time between two refreshes, in milliseconds, 100 to 86,400,000. With a shared cache it is the
   * time for the whole fleet: more instances do not mean more fetches.
   * @default 30_000
   */
  readonly intervalMs?: number;
  /**
   * How often an instance looks whether another has refreshed, in milliseconds, 100 to
   * `intervalMs`. It is heeded by caches that can look without reading everything; other caches
   * are asked every `intervalMs`.
   * @default 5_000, or `intervalMs` if that is less
   */
  readonly checkMs?: number;
  /**
   * By which share each wait may be longer or shorter, so that instances spread, 0 to 0.5.
   * @default 0.1
   */
  readonly jitter?: number;
  /**
   * False: the definitions are loaded at start, and then only by `FlagsService.refresh()`.
   * @default true
   */
  readonly enabled?: boolean;
}

/** @publicApi */
export interface FeatureFlagsModuleOptions {
  /** Where the definitions come from: PostHog, a file, a constant, or a source of your own. */
  readonly source: DefinitionSource;
  /**
   * Where the instances of the app share the definitions: a URL (`redis://host:6379/0?key=shop`,
   * `rediss://…`; `memory:` means that they do not share), `redisCache(client)` for a client that
   * the app has (door `/caches/redis`), a provider (also one written for posthog-node), a `Cache`
   * of cache-manager, or records with a coordination (door `/caches`).
   * @default 'memory:'
   */
  readonly cache?: CacheOption;
  /** Longest wait for one call of the cache, in milliseconds, 10 to 60,000. @default 1_000 */
  readonly cacheTimeoutMs?: number;
  readonly polling?: PollingOptions;
  /**
   * How long the first load may hold up the start of the app, in milliseconds, 0 to 600,000.
   * Afterwards the app starts without definitions, says so, and goes on loading.
   * @default 3_000
   */
  readonly initialLoadTimeoutMs?: number;
  /**
   * What the app starts with when neither the cache nor PostHog gives anything within
   * `initialLoadTimeoutMs`: a file that `npx nestjs-feature-flags snapshot` has written when the app
   * was built. Whatever else comes replaces it, and it is never published.
   * @default none: the app starts without flags
   */
  readonly snapshotFile?: string | SnapshotFileOptions;
  /**
   * Which share of the flags may be gone from one fetch to the next without a second fetch, 0 to 1.
   * A greater drop counts only when the source says it twice, within a second: one wrong answer
   * of a proxy or of PostHog empties no app. 1 turns this off.
   * @default 0.5
   */
  readonly confirmDropAbove?: number;
  /**
   * What becomes of the flags when PostHog answers that the quota is used up (402): the last
   * good ones stay, or the instance that was told clears its own, as PostHog's SDKs do (with a
   * shared cache it may read the shared copy again).
   * @default 'keep'
   */
  readonly onQuotaExceeded?: 'keep' | 'clear';
  /**
   * Who is asked for flags that cannot be decided here, e.g. `new PostHogRemoteEvaluator({
   * projectApiKey })`. A request then waits for the answer, where it asks for such a flag.
   * @default false: what cannot be decided here is unresolved
   */
  readonly remote?: RemoteEvaluator | false;
  /**
   * Where the last known answers of `remote` are kept, for when it fails: a URL
   * (`memory://local/?ttl=300&size=10000`, `redis://host:6379/0?ttl=300&key=shop`; `ttl` and
   * `staleTtl` in seconds), or a cache of your own, alone or as `{ cache, ttlMs, staleTtlMs, serveFresh }`.
   * @default none
   */
  readonly fallbackCache?: FallbackCacheOption;
  /**
   * Who is told which value of a flag was read for whom, once each (`$feature_flag_called`, what
   * experiments are counted with): `new PostHogExposureSender({ host, projectApiKey })`,
   * `posthogSink(client)` for a posthog-node client that the app has, or a sink of your own; or
   * `{ sink, … }` with limits. Values that are read count, not payloads and not `evaluateAll`.
   * @default false: nobody
   */
  readonly exposures?: ExposureOption;
  /**
   * Says for whom the flags of a request are evaluated. It runs once per request, in guards at the
   * earliest: middleware comes before Nest knows the handler, and has to name a context. Declare
   * it `async` if it has to wait, and handlers wait for it too. Left out, the flags of requests
   * are unresolved wherever no context is named.
   * @default none
   */
  readonly context?: EvaluationContextResolver;
  /**
   * When `context` runs: where a flag is first asked for (and if it is `async`, at the latest just
   * before the handler, also of routes that ask for none); or before all guards. With the default,
   * guards that authenticate come first.
   * @default 'first-use'
   */
  readonly contextTiming?: 'first-use' | 'before-guards';
  /**
   * Uses only flags that are marked with one of these evaluation contexts, or with none at all.
   * @default all flags
   */
  readonly evaluationContexts?: readonly string[];
  /**
   * `'posthog-node'`: evaluates exactly as posthog-node 5.70 does, for fleets that run both.
   * @default decides more of what can be decided, see docs/adr
   */
  readonly compat?: 'posthog-node';
  /**
   * Lets requests override some flags for themselves, by what `signOverrides()` has signed with one
   * of the keys: for people who try a flag out.
   * @default false: no request overrides anything
   */
  readonly overrides?: SignedOverridesOptions | false;
  /** Told of every event: turns, changes, refusals of definitions. @default none */
  readonly observers?: readonly FlagsObserver[];
  /** Where the log goes. @default Nest's Logger, with the context `FeatureFlags` */
  readonly logger?: FlagsLogger;
}

/** What a class given as `useClass` or `useExisting` to `forRootAsync` implements. @publicApi */
export interface FeatureFlagsOptionsFactory {
  createFeatureFlagsOptions(): Promise<FeatureFlagsModuleOptions> | FeatureFlagsModuleOptions;
}
