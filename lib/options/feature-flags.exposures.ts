/** The option `exposures`, read: who takes exposures, and how many may wait for how long. */
import type { ExposureSink } from '../core/exposure/exposure-sink.js';
import { hasMethod, propertyOf } from '../core/given/given-value.js';
import { describe, type OptionReport } from './option-report.js';

/** @publicApi */
export interface ExposureOptions {
  /** Who takes them: `new PostHogExposureSender({ host, projectApiKey })`, `posthogSink(client)`, or yours. */
  readonly sink: ExposureSink;
  /** How many are sent at once, 1 to 1,000. Not for a sink that takes them at once. @default 100 */
  readonly batchSize?: number;
  /**
   * How long one waits for a batch to be full, in milliseconds, 10 to 60,000. Not for a sink that
   * takes them at once.
   * @default 5_000
   */
  readonly batchDelayMs?: number;
  /**
   * How many may wait, those under way included; what comes then is dropped and counted. `batchSize`
   * to 1,000,000.
   * @default 10_000
   */
  readonly queueSize?: number;
  /**
   * How long the end of the app may be held up to send what waits, in milliseconds, 0 to 60,000.
   * 0 sends nothing any more.
   * @default 2_000
   */
  readonly flushTimeoutMs?: number;
}

/** What may stand as `exposures`. @publicApi */
export type ExposureOption = ExposureSink | ExposureOptions | false;

export type ExposurePlan = Required<ExposureOptions>;

const optionNames = [
  'sink',
  'batchSize',
  'batchDelayMs',
  'queueSize',
  'flushTimeoutMs',
] as const satisfies readonly (keyof ExposureOptions)[];

export function readExposures(value: unknown, report: OptionReport): ExposurePlan | undefined {
  if (value === undefined || value === false) return undefined;
  if (isSink(value)) return planFor(value, {}, report);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report.mistake('exposures', `got ${describe(value)}, expected ${expected}.`);
    return undefined;
  }
  const written = report.record('exposures', value, optionNames);
  const { sink } = written;
  if (isSink(sink)) return planFor(sink, written, report);
  report.mistake(
    'exposures.sink',
    `got ${describe(sink)}, expected an object with the method send and a description, for example new PostHogExposureSender({ host, projectApiKey })${hintFor(sink)}.`,
  );
  return undefined;
}

const expected =
  'false, a sink such as new PostHogExposureSender({ host, projectApiKey }), or an object with sink and its limits';

/** Who has a client of PostHog in hand is one step away. */
function hintFor(sink: unknown): string {
  return hasMethod(sink, 'capture') ? ', or posthogSink(client) for a client of PostHog' : '';
}

function planFor(
  sink: ExposureSink,
  written: Readonly<Record<string, unknown>>,
  report: OptionReport,
): ExposurePlan {
  const whole = (name: string, range: { min: number; max: number; fallback: number }): number => {
    const given = written[name];
    const what = 'a whole number';
    if (typeof given === 'number' && !Number.isInteger(given)) {
      report.mistake(`exposures.${name}`, `got ${given}, expected ${what}.`);
      return range.fallback;
    }
    return report.number(`exposures.${name}`, given, range, what);
  };
  const durationMs = (name: string, range: { min: number; max: number; fallback: number }) =>
    report.durationMs(`exposures.${name}`, written[name], range);
  const batchSize = whole('batchSize', { min: 1, max: 1_000, fallback: 100 });
  const queueSize = whole('queueSize', { min: 1, max: 1_000_000, fallback: 10_000 });
  if (queueSize < batchSize && sink.takesAtOnce !== true) {
    report.mistake(
      'exposures.queueSize',
      `got ${queueSize}, which is less than exposures.batchSize (${batchSize}): no batch could ever be full. Raise it, or lower the other.`,
    );
  }
  return {
    sink,
    batchSize,
    queueSize,
    batchDelayMs: durationMs('batchDelayMs', { min: 10, max: 60_000, fallback: 5_000 }),
    flushTimeoutMs: durationMs('flushTimeoutMs', { min: 0, max: 60_000, fallback: 2_000 }),
  };
}

function isSink(value: unknown): value is ExposureSink {
  return hasMethod(value, 'send') && typeof propertyOf(value, 'description') === 'string';
}
