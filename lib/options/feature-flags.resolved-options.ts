/**
 * From what the app wrote to what the library works with: checked, complete, read-only. All
 * defaults are here; the rest of the code never sees an option that is missing.
 */
import { Logger } from '@nestjs/common';
import { snapshotFileOf } from '../boot-snapshot.js';
import type { DefinitionSource } from '../core/definitions/definition-source.js';
import { hasMethod } from '../core/given/given-value.js';
import type { FallbackPlan } from '../caches/url/fallback-url.js';
import type { FlagsObserver } from '../core/observe/flags-observer.js';
import type { SnapshotFile } from '../core/refresh/snapshot-file.js';
import { DEFAULT_CONFIRM_DROP_ABOVE } from '../core/refresh/doubt.js';
import type { RefreshSettings } from '../core/refresh/refresh-settings.js';
import type { RemoteEvaluator } from '../core/remote/remote-evaluator.js';
import { readExposures, type ExposurePlan } from './feature-flags.exposures.js';
import { readFallbackCache, readRemote } from './feature-flags.remote.js';
import { planCache, type CachePlan } from './feature-flags.cache.js';
import type { FeatureFlagsModuleOptions, PollingOptions } from '../feature-flags.options.js';
import type { FlagsLogger } from '../log/flags-logger.js';
import { OptionReport, describe } from './option-report.js';
import type { Written } from './option-report.js';
import type { SignedOverridesSettings } from '../core/overrides/signed-overrides.js';
import { signedOverridesOf } from './overrides.options.js';
import { DAY_MS, refreshInterval } from './refresh-interval.js';
import { isContextResolver, isOtherClass } from '../request/evaluation-context-resolver.js';
import type { EvaluationContextResolver } from '../request/evaluation-context-resolver.js';

export interface ResolvedOptions {
  readonly source: DefinitionSource;
  readonly cache: CachePlan;
  readonly polling: { readonly enabled: boolean };
  readonly refresh: RefreshSettings;
  readonly initialLoadTimeoutMs: number;
  readonly snapshotFile: SnapshotFile | undefined;
  readonly remote: RemoteEvaluator | undefined;
  readonly fallbackCache: FallbackPlan | undefined;
  readonly exposures: ExposurePlan | undefined;
  readonly context: EvaluationContextResolver | undefined;
  readonly contextTiming: 'first-use' | 'before-guards';
  readonly overrides: SignedOverridesSettings | undefined;
  readonly observers: readonly FlagsObserver[];
  readonly logger: FlagsLogger;
}

const optionNames = [
  'source',
  'cache',
  'cacheTimeoutMs',
  'polling',
  'initialLoadTimeoutMs',
  'snapshotFile',
  'confirmDropAbove',
  'onQuotaExceeded',
  'remote',
  'fallbackCache',
  'exposures',
  'context',
  'contextTiming',
  'evaluationContexts',
  'compat',
  'overrides',
  'observers',
  'logger',
] as const satisfies readonly (keyof FeatureFlagsModuleOptions)[];

const pollingNames = [
  'intervalMs',
  'checkMs',
  'jitter',
  'enabled',
] as const satisfies readonly (keyof PollingOptions)[];

/** @throws FlagsError `invalid-options` that lists everything that is wrong. */
export function resolveOptions(written: unknown): ResolvedOptions {
  const report = new OptionReport('FeatureFlagsModule');
  const options = report.record('options', written ?? {}, optionNames, '');
  const source = sourceOf(options['source'], report);
  const cache = planCache(options['cache'], report);
  const { enabled, ...times } = pollingOf(options['polling'], report);
  const resolved = {
    cache,
    polling: { enabled },
    refresh: { ...times, ...innerTimes(cache), ...refreshOf(options, report) },
    initialLoadTimeoutMs: report.durationMs(
      'initialLoadTimeoutMs',
      options['initialLoadTimeoutMs'],
      { min: 0, max: 600_000, fallback: 3_000 },
    ),
    snapshotFile: snapshotFileOf(options['snapshotFile'], source, report),
    remote: readRemote(options['remote'], report),
    fallbackCache: readFallbackCache(options['fallbackCache'], report),
    exposures: readExposures(options['exposures'], report),
    context: contextOf(options['context'], report),
    contextTiming: report.oneOf(
      'contextTiming',
      options['contextTiming'],
      ['first-use', 'before-guards'],
      'first-use',
    ),
    overrides: signedOverridesOf(options['overrides'], report),
    observers:
      report.list(
        'observers',
        options['observers'],
        isObserver,
        'objects with the method onEvent',
      ) ?? [],
    logger: loggerOf(options['logger'], report),
  };
  report.throwIfAny();
  return Object.freeze({ ...resolved, source });
}

/** What the refresh is told beside its times. */
function refreshOf(options: Written, report: OptionReport) {
  return {
    cacheTimeoutMs: report.durationMs('cacheTimeoutMs', options['cacheTimeoutMs'], {
      min: 10,
      max: 60_000,
      fallback: 1_000,
    }),
    confirmDropAbove: report.number(
      'confirmDropAbove',
      options['confirmDropAbove'],
      { min: 0, max: 1, fallback: DEFAULT_CONFIRM_DROP_ABOVE },
      'a share',
    ),
    onQuotaExceeded: report.oneOf(
      'onQuotaExceeded',
      options['onQuotaExceeded'],
      ['keep', 'clear'],
      'keep',
    ),
    compile: compileOptionsOf(options, report),
  };
}

/** Times that are derived and not asked for. */
function innerTimes({ isShared }: CachePlan) {
  return {
    // Under a claim a fetch must end before the lease does. Elsewhere this is a net only: sources
    // have shorter deadlines of their own.
    fetchTimeoutMs: isShared ? 10_000 : 65_000,
    coldWaitMs: 2_000,
  };
}

function pollingOf(value: unknown, report: OptionReport) {
  const written = report.record('polling', value, pollingNames);
  const intervalMs = report.durationMs(
    'polling.intervalMs',
    written['intervalMs'],
    refreshInterval,
  );
  const fallback = Math.min(5_000, intervalMs);
  const range = { min: 100, max: DAY_MS, fallback };
  const checkMs = report.durationMs('polling.checkMs', written['checkMs'], range);
  if (checkMs > intervalMs) {
    report.mistake(
      'polling.checkMs',
      `got ${checkMs}, which is more than polling.intervalMs (${intervalMs}): an instance would look less often than the fleet refreshes. Leave it out for ${fallback}.`,
    );
  }
  const jitterRange = { min: 0, max: 0.5, fallback: 0.1 };
  return {
    intervalMs,
    checkMs,
    jitter: report.number('polling.jitter', written['jitter'], jitterRange, 'a share'),
    enabled: report.boolean('polling.enabled', written['enabled'], true),
  };
}

function compileOptionsOf(options: Written, report: OptionReport): RefreshSettings['compile'] {
  const compat = report.oneOf('compat', options['compat'], ['posthog-node'], undefined);
  const written = options['evaluationContexts'];
  const contexts = report.list('evaluationContexts', written, isName, 'names');
  return {
    ...(compat === undefined ? {} : { compat }),
    ...(contexts === undefined ? {} : { evaluationContexts: contexts }),
  };
}

function sourceOf(value: unknown, report: OptionReport): DefinitionSource {
  if (isSource(value)) return value;
  const hint =
    typeof value === 'function'
      ? 'Pass an instance, not the class'
      : 'Pass, for example, new PostHogDefinitionSource({ projectApiKey, secretKey }) or new FileDefinitionSource(path)';
  report.mistake('source', `got ${describe(value)}, expected a definition source. ${hint}.`);
  return missingSource;
}

/** Stands in until the report is thrown. */
const missingSource: DefinitionSource = {
  description: 'none',
  fetch: () => Promise.reject(new Error('There is no source.')),
};

function contextOf(value: unknown, report: OptionReport): EvaluationContextResolver | undefined {
  const isUsable = typeof value === 'function' ? !isOtherClass(value) : isContextResolver(value);
  if (value === undefined || isUsable) {
    return value as EvaluationContextResolver | undefined;
  }
  report.mistake(
    'context',
    `got ${describe(value)}, expected a function of the ExecutionContext, or an object or class with the method resolve(ctx) (a method, not a property).`,
  );
  return undefined;
}

function loggerOf(value: unknown, report: OptionReport): FlagsLogger {
  if (value === undefined) return new Logger('FeatureFlags');
  const missing = ['log', 'warn', 'error'].filter((name) => !hasMethod(value, name));
  if (missing.length > 0) {
    report.mistake(
      'logger',
      `got ${describe(value)}, expected an object with the methods log, warn and error; ${missing.join(', ')} missing.`,
    );
  }
  return value as FlagsLogger;
}

function isSource(value: unknown): value is DefinitionSource {
  return (
    hasMethod(value, 'fetch') && 'description' in value && typeof value.description === 'string'
  );
}

function isObserver(value: unknown): value is FlagsObserver {
  return hasMethod(value, 'onEvent');
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
