/**
 * Whoever has used an AsyncLocalStorage and does not disable it leaves work to every promise of the
 * process (Node before 24), for ever. A worker runs many spec files, each with storages of its own
 * and of its packages: those that the file before has left are disabled when the next begins.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

type Storage = AsyncLocalStorage<unknown>;

/** On the class, which is the same in all files of a worker: what they share otherwise is nothing. */
const key = Symbol.for('storages that were used');
const owner = AsyncLocalStorage as unknown as { [key]?: Set<Storage> };

const used = (owner[key] ??= watched());
for (const storage of used) storage.disable();
used.clear();

function watched(): Set<Storage> {
  const seen = new Set<Storage>();
  const prototype = AsyncLocalStorage.prototype as Storage;
  for (const name of ['run', 'enterWith'] as const) {
    const original = prototype[name] as (this: Storage, ...given: unknown[]) => unknown;
    Object.defineProperty(prototype, name, {
      ...Object.getOwnPropertyDescriptor(prototype, name),
      value(this: Storage, ...given: unknown[]) {
        seen.add(this);
        return original.apply(this, given);
      },
    });
  }
  return seen;
}
