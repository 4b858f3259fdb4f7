/** Definitions as files, one for each revision: the facts in the first line, below it the bytes. */
import type { StoredBody } from '../../core/cache/body-store.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { Clock } from '../../core/time/clock.js';
import type { RegisterBodies } from '../../core/register/register.js';
import { ORIGIN, bodiesIn, bodyName, historyOf, isLeftover } from './file-names.js';
import type { FolderFiles } from './folder-files.js';
import { readStamped, stamp } from './stamped-file.js';

/** Longer than any process takes to write a file, or a person to look at a damaged one. */
const LEFTOVER_AFTER_MS = 60 * 60_000;

export class FileBodies implements RegisterBodies {
  constructor(
    private readonly files: FolderFiles,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  async write(stored: StoredBody): Promise<boolean> {
    const { body, ...facts } = stored;
    const name = bodyName(stored.revision);
    const bytes = stamp({ ...facts, isText: typeof body === 'string' }, body);
    if (await this.files.create(name, bytes)) return true;
    const there = await this.stored(name);
    if (there !== undefined) return there.digest === stored.digest;
    await this.files.setAside(name);
    return this.files.create(name, bytes);
  }

  /** @throws FlagsError `foreign-value` for what was not written here, or not to its end. */
  async read(revision: number): Promise<StoredBody | undefined> {
    const name = bodyName(revision);
    const bytes = await this.files.read(name);
    if (bytes === undefined) return undefined;
    const stored = bodyFrom(bytes);
    if (stored?.revision === revision) return stored;
    // Out of the way it is missing, and what is missing is published again.
    await this.files.setAside(name);
    throw new FlagsError(
      `The file ${name} in ${this.files.path} is not the body of a record: it is damaged, or somebody else has written it. It was set aside, the definitions in memory are kept, and they will be published again.`,
      { code: 'foreign-value' },
    );
  }

  async keepOnly(revisions: readonly number[]): Promise<void> {
    const names = await this.files.list();
    const highest = Math.max(...revisions);
    const old = bodiesIn(names).filter((one) => one < highest && !revisions.includes(one));
    for (const revision of old) await this.files.remove(bodyName(revision));
    await this.sweep(names);
  }

  private async stored(name: string): Promise<StoredBody | undefined> {
    const bytes = await this.files.read(name);
    return bytes && bodyFrom(bytes);
  }

  /** Removes what processes have left that died while they wrote. */
  private async sweep(names: readonly string[]): Promise<void> {
    const origin = await this.files.read(ORIGIN);
    if (origin === undefined) return;
    const history = historyOf(origin);
    for (const name of names.filter((one) => isLeftover(one, history))) {
      const changedAt = (await this.files.changedAtMs(name)) ?? Infinity;
      if (this.clock.now() - changedAt > LEFTOVER_AFTER_MS) await this.files.remove(name);
    }
  }
}

/** Undefined for what was not written here, or not to its end. */
function bodyFrom(bytes: Buffer): StoredBody | undefined {
  const file = readStamped(bytes);
  if (file === undefined) return undefined;
  const { digest, revision, schema, codec, etag, isText } = file.facts;
  if (typeof digest !== 'string' || typeof codec !== 'string') return undefined;
  if (typeof revision !== 'number' || typeof schema !== 'number') return undefined;
  return {
    digest,
    revision,
    schema,
    codec,
    etag: typeof etag === 'string' ? etag : undefined,
    body: isText === true ? file.payload.toString() : new Uint8Array(file.payload),
  };
}
