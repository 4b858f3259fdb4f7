/**
 * Definitions in a memory that the threads of one process share: one of them fetches for all, and
 * the serialised definitions lie there once. Each thread still parses and compiles them for itself,
 * for threads share bytes and no objects. Nothing is left when the process ends, and other
 * processes, those of `node:cluster` among them, see nothing of it.
 */
import type { RecordBackend, RecordSettings } from '../../core/cache/record-backend.js';
import { RegisterRecordStore } from '../../core/register/register-record-store.js';
import { commonTime } from '../../core/register/register-time.js';
import { systemClock, type Clock } from '../../core/time/clock.js';
import { threadsNowMs, word, wordsOf, type GrowableMemory } from './memory-layout.js';
import { SharedBodies } from './shared-bodies.js';
import { SharedContents } from './shared-contents.js';
import { faultOfMemory, type SharedMemory } from './shared-memory.js';
import { SharedRegister } from './shared-register.js';
import { SharedText } from './shared-text.js';
import { ThreadPush } from './thread-push.js';

/**
 * For the option `cache`, in the main thread and in workers: `sharedMemoryCache(workerData.flags)`.
 * Never throws; what is wrong with the memory is reported at start, with all other mistakes.
 * @param memory what `createSharedMemory()` has given in the main thread.
 * @publicApi
 */
export function sharedMemoryCache(memory: SharedMemory): RecordBackend {
  const fault = faultOfMemory(memory);
  const mistakes = fault === undefined ? [] : [`sharedMemoryCache ${fault}`];
  const open = (settings: RecordSettings): SharedMemoryRecordStore => {
    // The mistakes were reported before; this is for who calls it all the same.
    if (mistakes.length > 0) throw new TypeError(mistakes.join(' '));
    return new SharedMemoryRecordStore(memory, settings);
  };
  return { mistakes, open };
}

export class SharedMemoryRecordStore extends RegisterRecordStore {
  readonly isInThisProcess = true;
  readonly isForThreads = true;

  constructor({ buffer }: SharedMemory, { identity, clock }: RecordSettings) {
    const name = identity ?? '';
    const contents = new SharedContents(new SharedText(buffer), name, clock);
    const register = new SharedRegister(contents);
    const push = new ThreadPush(buffer);
    super({
      description: 'the memory that the threads of this process share',
      ...(identity === undefined ? {} : { key: identity }),
      register,
      members: register,
      bodies: new SharedBodies(buffer as GrowableMemory, contents),
      time: commonTime({ now: nowIn(buffer, clock) }),
      clock,
      push,
      close: () => {
        contents.close();
        push.close();
      },
    });
  }
}

/** In place of the clock of the system one that never jumps, and that all threads share as well. */
function nowIn(buffer: SharedArrayBuffer, clock: Clock): () => number {
  if (clock !== systemClock) return () => clock.now();
  const originMs = Number(Atomics.load(wordsOf(buffer), word.origin));
  return () => originMs + threadsNowMs();
}
