/**
 * The head of a cache as files: one for each generation, each written once. The next generation is
 * made by giving a file its name, which the system lets only one process do; so it is decided who
 * was quicker, without a lock that a dead process could hold, or a stopped one come back to.
 *
 * A process that stood still can meet a name that is free again, because that generation was
 * cleaned away. It takes it, changes nothing by it (a higher one is there), and learns so: each
 * head names the writers of the last generations, and the stopped one is not among them.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { RegisterValue } from '../../core/register/register.js';
import {
  emptyRegisterValue,
  registerValueFromJson,
  registerValueToJson,
} from '../../core/register/register-value.js';
import { ORIGIN, generationsIn, headName, historyOf } from './file-names.js';
import type { FolderFiles } from './folder-files.js';
import { readStamped, stamp } from './stamped-file.js';

/** What is there, and what tells it from everything else that was. */
export interface CurrentHead {
  readonly history: string;
  /** The newest there is, readable or not; 0 when there is none yet. */
  readonly generation: number;
  /** Who wrote the last generations, the newest first. */
  readonly writers: readonly string[];
  readonly value: RegisterValue;
  /** All names in the folder, as they were a moment ago. */
  readonly names: readonly string[];
}

/** With the newest there are two more, in case it is damaged, or somebody is about to read it. */
const KEPT_GENERATIONS = 3;
/** So many others may be quicker than the one that has just written, and it still knows that it did. */
const KEPT_WRITERS = 32;
/** Each time a reader was overtaken by as many generations as are kept. */
const MOST_READINGS = 10;

export class HeadFiles {
  constructor(private readonly files: FolderFiles) {}

  /** Undefined when there has never been one, or the folder was emptied. */
  async current(): Promise<CurrentHead | undefined> {
    for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
      const origin = await this.files.read(ORIGIN);
      if (origin === undefined) return undefined;
      const found = await this.newestOf(historyOf(origin));
      if (found !== undefined) return found;
    }
    throw new FlagsError(
      `The head in ${this.files.path} was replaced by others ${MOST_READINGS} times in a row while this process tried to read it; the next check tries again.`,
      { code: 'cache-unavailable' },
    );
  }

  /** The next generation after this one. @returns false when another has made it. */
  async follow(head: CurrentHead | undefined, value: RegisterValue): Promise<boolean> {
    const history = head?.history ?? (await this.begin());
    if (history === undefined) return false;
    const name = headName(history, (head?.generation ?? 0) + 1);
    const writer = randomBytes(8).toString('hex');
    const writers = [writer, ...(head?.writers ?? [])].slice(0, KEPT_WRITERS);
    const json = registerValueToJson(value);
    if (!(await this.files.create(name, stamp({ writers }, json)))) return false;
    const now = await this.current();
    if (now === undefined || !now.writers.includes(writer)) {
      // The name was free because it was long over.
      await this.files.remove(name);
      return false;
    }
    await this.forgetOld(now);
    return true;
  }

  /** The history that this process has begun; undefined when another was quicker. */
  private async begin(): Promise<string | undefined> {
    const origin = Buffer.from(randomUUID());
    return (await this.files.create(ORIGIN, origin)) ? historyOf(origin) : undefined;
  }

  /**
   * The newest generation that can be read; where all are damaged, one that says nothing. Undefined
   * when what was listed is gone by now, so that there is a newer one, or another history.
   */
  private async newestOf(history: string): Promise<CurrentHead | undefined> {
    const names = await this.files.list();
    const generations = generationsIn(names, history);
    const place = { history, names, generation: generations[0] ?? 0 };
    for (const candidate of generations) {
      const bytes = await this.files.read(headName(history, candidate));
      if (bytes === undefined) return undefined;
      const head = headFrom(bytes);
      if (head !== undefined) return { ...place, ...head };
    }
    if (generations.length === 0 && !(await this.isStill(history))) return undefined;
    return { ...place, writers: [], value: emptyRegisterValue };
  }

  private async isStill(history: string): Promise<boolean> {
    const origin = await this.files.read(ORIGIN);
    return origin !== undefined && historyOf(origin) === history;
  }

  /** Best effort: what stays is found the next time. */
  private async forgetOld({ history, generation, names }: CurrentHead): Promise<void> {
    const old = generationsIn(names, history).filter((one) => one <= generation - KEPT_GENERATIONS);
    for (const one of old) {
      await this.files.remove(headName(history, one)).catch(() => undefined);
    }
  }
}

/** Undefined for what was not written here, or not to its end. */
function headFrom(bytes: Buffer): Pick<CurrentHead, 'writers' | 'value'> | undefined {
  const file = readStamped(bytes);
  const value = file && registerValueFromJson(file.payload.toString());
  const writers: unknown = file?.facts['writers'];
  if (value === undefined || !Array.isArray(writers) || writers.length === 0) return undefined;
  return { value, writers: writers.map(String) };
}
