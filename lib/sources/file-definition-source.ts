/**
 * The definitions from a file: JSON in PostHog's own format, as `GET /flags/definitions` answers.
 * For development, tests, machines without a way out, and as what an operator mounts. The file
 * is watched, and may be caught half-written: then it is read again for a quarter of a second
 * before anything is said. It promises no more than the file system does: on network and some
 * container mounts changes come without notice, and only the poll finds them.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
  DefinitionSourceRequest,
  Unsubscribe,
} from '../core/definitions/definition-source.js';
import { FlagsError } from '../core/errors/flags-error.js';
import { systemClock } from '../core/time/clock.js';
import type { Clock } from '../core/time/clock.js';
import { pause } from '../core/time/deadline.js';
import { readDefinitionsFile } from './file-reading.js';
import type { FileReading } from './file-reading.js';
import { FileWatch } from './file-watch.js';

/** @publicApi */
export interface FileDefinitionSourceOptions {
  /** Whether changes are noticed at once, and not only at the next poll. @default true */
  readonly watch?: boolean;
  /** Time, for tests. @default the clock of the process */
  readonly clock?: Clock;
}

/** Waits between the readings of a file that is not JSON, or has just gone: 250 ms together. */
const REREAD_AFTER_MS = [25, 50, 75, 100];

/** @publicApi */
export class FileDefinitionSource implements DefinitionSource {
  /** The absolute path of the file. */
  readonly description: string;
  private readonly isWatched: boolean;
  private readonly clock: Clock;
  private readonly listeners = new Set<() => void>();
  private readonly fileWatch: FileWatch;
  /** Etag of content that is known not to be JSON: it is not waited for a second time. */
  private brokenEtag: string | undefined;
  private wasThere = false;

  /**
   * @param path of the file; a relative one begins at the working directory of this moment.
   * @throws FlagsError `invalid-options` when the path or an option is none.
   */
  constructor(path: string | URL, options: FileDefinitionSourceOptions = {}) {
    assertPath(path);
    const { watch = true, clock = systemClock } = options;
    if (typeof watch !== 'boolean') {
      throw invalid(`its option watch must be true or false, got a ${typeof watch}`);
    }
    this.description = resolve(path instanceof URL ? fileURLToPath(path) : path);
    this.isWatched = watch;
    this.clock = clock;
    this.fileWatch = new FileWatch(this.description, clock, () => this.tell());
  }

  /** Reads the file. "Not modified" when its content has the given etag. Does not reject. */
  async fetch({ etag, signal }: DefinitionSourceRequest): Promise<DefinitionSourceAnswer> {
    // The directory may have come, or come back, since it was last followed.
    void this.fileWatch.follow();
    let reading = await readDefinitionsFile(this.description, etag);
    for (const waitMs of REREAD_AFTER_MS) {
      if (!this.mayBePassing(reading) || signal.aborted) break;
      await pause(this.clock, waitMs, signal);
      reading = await readDefinitionsFile(this.description, etag);
    }
    this.remember(reading);
    switch (reading.kind) {
      case 'document':
        return { kind: 'definitions', body: reading.body, etag: reading.etag };
      case 'unchanged':
        return { kind: 'not-modified', etag: reading.etag };
      default:
        return { kind: 'failed', failure: reading.failure };
    }
  }

  /** Calls back soon after the file has changed, come or gone. Nothing when `watch` is false. */
  watch(onChanged: () => void): Unsubscribe {
    if (!this.isWatched) return () => undefined;
    // A function of its own for each subscription: one callback may be given twice.
    const listener = (): void => onChanged();
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.fileWatch.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /** Stops watching. */
  close(): void {
    this.listeners.clear();
    this.fileWatch.close();
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }

  private mayBePassing(reading: FileReading): boolean {
    if (reading.kind === 'broken') return reading.etag !== this.brokenEtag;
    return reading.kind === 'missing' && this.wasThere;
  }

  private remember(reading: FileReading): void {
    if ('signature' in reading) this.fileWatch.hasSeen(reading.signature);
    this.brokenEtag = reading.kind === 'broken' ? reading.etag : undefined;
    this.wasThere = reading.kind !== 'missing';
  }
}

function assertPath(path: unknown): void {
  if (path instanceof URL && path.protocol === 'file:') return;
  if (typeof path === 'string' && path.trim() !== '') return;
  throw invalid('its path must be the path of a JSON file, or a file: URL');
}

function invalid(mistake: string): FlagsError {
  return new FlagsError(
    `FileDefinitionSource cannot be made: ${mistake}. Write for instance new FileDefinitionSource('flags.json').`,
    { code: 'invalid-options' },
  );
}
