/**
 * Holds the global `Date` still. PostHog's client reads the wall clock by `new Date()`, which
 * cannot be injected; pinned, a relative date can be compared to the very millisecond.
 */

/** @returns a function that gives the real `Date` back. */
export function pinDate(readNow: () => number): () => void {
  const real = globalThis.Date;
  globalThis.Date = new Proxy(real, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [readNow()] : args, newTarget) as Date,
    get: (target, name, receiver) =>
      name === 'now' ? readNow : (Reflect.get(target, name, receiver) as unknown),
  });
  return () => {
    globalThis.Date = real;
  };
}
