/** The key by which an app tells its cache apart from others in one place, and what it becomes. */

export const DEFAULT_CACHE_KEY = 'default';

/** 1 to 100 letters, digits, or . : / - _ */
export function isCacheKey(key: unknown): key is string {
  return typeof key === 'string' && /^[\w.:/-]{1,100}$/.test(key);
}

/** @param identity of the source: one key serves several projects. */
export function namespaceOf(key: string, identity: string | undefined): string {
  return identity === undefined ? key : `${key}:${identity}`;
}
