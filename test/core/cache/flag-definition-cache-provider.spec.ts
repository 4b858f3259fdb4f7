import { describe, expect, it } from '@jest/globals';
import { assertFlagDefinitionCacheProvider } from '../../../lib/core/cache/flag-definition-cache-provider.js';
import { MemoryDefinitionCache } from '../../../lib/core/cache/memory-definition-cache.js';
import { isFlagsError } from '../../../lib/core/errors/flags-error.js';

function errorOf(value: unknown): unknown {
  try {
    assertFlagDefinitionCacheProvider(value);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('assertFlagDefinitionCacheProvider', () => {
  it("accepts a provider with PostHog's four methods, own or inherited", () => {
    expect(errorOf(new MemoryDefinitionCache())).toBeUndefined();
  });

  it('names every method that is missing or no function, in one error', () => {
    const error = errorOf({ getFlagDefinitions() {}, shutdown: 5, watch: 'yes' });

    expect(isFlagsError(error) && error.code).toBe('invalid-cache-provider');
    expect(String(error)).toContain('shouldFetchFlagDefinitions() is missing');
    expect(String(error)).toContain('onFlagDefinitionsReceived() is missing');
    expect(String(error)).toContain('shutdown() is missing');
    expect(String(error)).toContain('watch is present but is not a function');
    expect(String(error)).not.toContain('getFlagDefinitions() is missing');
  });

  it.each([null, undefined, 'redis://localhost', 5])('refuses %p', (value) => {
    expect(isFlagsError(errorOf(value))).toBe(true);
  });
});
