/**
 * What a value shows that somebody else has made: a client, a cache, an option of a program that
 * may not be written in TypeScript. Never throws, unless a getter of that value does.
 */

/** Undefined where there is no such property, or no object to have it. */
export function propertyOf(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined;
}

export function hasMethod(value: unknown, name: string): value is object {
  return typeof propertyOf(value, name) === 'function';
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
