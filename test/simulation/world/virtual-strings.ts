/**
 * Strings with a time to live on the virtual server, as plain Redis commands reach them: what a
 * provider written for `posthog-node` has at hand.
 */
import type { VirtualProcess, YieldPoint } from './virtual-process.js';
import type { VirtualRecordStore } from './virtual-record-store.js';

interface KeptString {
  readonly value: string;
  readonly expiresAt: number;
}

export type KeptStrings = ReadonlyMap<string, KeptString>;

export interface StringCommands {
  get(key: string): Promise<string | undefined>;
  /** @returns whether it was set; `onlyIfAbsent` is Redis' NX. */
  set(key: string, value: string, ttlMs: number, onlyIfAbsent?: boolean): Promise<boolean>;
  delete(key: string): Promise<void>;
}

/** The commands as a process sends them; `onSet` is told when a value was written. */
export function stringsOf(
  store: VirtualRecordStore,
  process: VirtualProcess,
  sentValue: (key: string) => (isSet: boolean) => void,
): StringCommands {
  const { server } = store;
  const current = (key: string): string | undefined => {
    const kept = store.strings.get(key);
    return kept === undefined || kept.expiresAt <= server.now() ? undefined : kept.value;
  };
  const send = <T>(point: YieldPoint, answered: YieldPoint, execute: () => T): Promise<T> =>
    server.call(process, point, answered, async () => execute());
  return {
    get: (key) => send('read', 'read-done', () => current(key)),
    set: (key, value, ttlMs, onlyIfAbsent = false) => {
      const written = sentValue(key);
      const [point, answered]: [YieldPoint, YieldPoint] = onlyIfAbsent
        ? ['check', 'checked']
        : ['finish', 'finished'];
      return send(point, answered, () => {
        const isSet = !onlyIfAbsent || current(key) === undefined;
        if (isSet) {
          const kept = { value, expiresAt: server.now() + ttlMs };
          store.strings = new Map(store.strings).set(key, kept);
        }
        written(isSet);
        return isSet;
      });
    },
    delete: (key) =>
      send('leave', 'left', () => {
        const left = new Map(store.strings);
        left.delete(key);
        store.strings = left;
      }),
  };
}
