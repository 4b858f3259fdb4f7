/**
 * The option `snapshotFile`: the file as the refresh cycle may read it when an app starts with
 * nothing. One that is too old, or of another project, is none.
 */
import type { DefinitionSource } from './core/definitions/definition-source.js';
import type { SnapshotFile, SnapshotFileReading } from './core/refresh/snapshot-file.js';
import { durationText } from './log/duration-text.js';
import { describe, type OptionReport } from './options/option-report.js';
import { DAY_MS } from './options/refresh-interval.js';
import { readSnapshot } from './sources/snapshot-file.js';

/** @publicApi */
export interface SnapshotFileOptions {
  /** Of a file that `npx nestjs-feature-flags snapshot` has written. */
  readonly path: string;
  /**
   * An older file is not used, and the app starts without flags; in milliseconds, 1,000 or more.
   * @default no limit
   */
  readonly maxAgeMs?: number;
}

const optionNames = ['path', 'maxAgeMs'] as const satisfies readonly (keyof SnapshotFileOptions)[];
const LONGEST_AGE_MS = 3_660 * DAY_MS;

/** Reads the option; what is wrong with it goes into the report. The file is not touched yet. */
export function snapshotFileOf(
  value: unknown,
  source: DefinitionSource,
  report: OptionReport,
): SnapshotFile | undefined {
  if (value === undefined) return undefined;
  const given = typeof value === 'string' ? { path: value } : value;
  const { path, maxAgeMs: written } = report.record('snapshotFile', given, optionNames);
  const range = { min: 1_000, max: LONGEST_AGE_MS, fallback: LONGEST_AGE_MS };
  const maxAgeMs = report.durationMs('snapshotFile.maxAgeMs', written, range);
  if (typeof path !== 'string' || path.trim() === '') {
    const got = describe(path);
    report.mistake('snapshotFile', `got ${got}, expected a path such as ./flags.snapshot.json.`);
    return undefined;
  }
  return { description: path, read: (nowMs) => readFor(source, { path, maxAgeMs, nowMs }) };
}

async function readFor(
  { identity }: DefinitionSource,
  limits: { readonly path: string; readonly maxAgeMs: number; readonly nowMs: number },
): Promise<SnapshotFileReading> {
  const { path, maxAgeMs, nowMs } = limits;
  const read = await readSnapshot(path);
  if (!read.ok) return read;
  const { snapshot } = read;
  const isOther = identity !== undefined && snapshot.identity !== undefined;
  if (isOther && snapshot.identity !== identity) {
    const message = `The snapshot file ${path} was taken of another project or host (${snapshot.source}). Take one with the keys and the host of this app.`;
    return { ok: false, message };
  }
  // A clock that runs behind the one of the build makes no snapshot younger than none.
  const ageMs = Math.max(0, nowMs - snapshot.takenAtMs);
  if (ageMs > maxAgeMs) {
    const message = `The snapshot file ${path} is ${durationText(ageMs)} old, more than the ${durationText(maxAgeMs)} of snapshotFile.maxAgeMs. Build the app anew.`;
    return { ok: false, message };
  }
  return { ok: true, document: snapshot.definitions, ageMs };
}
