/** What a cache says of itself in the status: where it is, and whether anybody else is there. */
import type { DefinitionCache } from './core/cache/definition-cache.js';
import type { FlagDefinitionCacheProvider } from './core/cache/flag-definition-cache-provider.js';
import { MemoryDefinitionCache } from './core/cache/memory-definition-cache.js';

export class CacheDescription {
  /** As its records describe themselves, or the name of its class. */
  readonly cache: string;
  /** The memory of this process: this instance shares with nobody. */
  readonly isAlone: boolean;

  constructor(cache: FlagDefinitionCacheProvider | DefinitionCache) {
    this.isAlone = cache instanceof MemoryDefinitionCache;
    const description = 'description' in cache ? cache.description : undefined;
    this.cache = this.isAlone ? 'memory' : (description ?? nameOf(cache));
  }
}

function nameOf({ constructor }: object): string {
  return constructor === Object || constructor.name === '' ? 'a provider' : constructor.name;
}
