/** Injection tokens of what has no class to name it. Inside this library only. */

/** The options as the app wrote them. */
export const MODULE_OPTIONS = Symbol('FeatureFlagsModuleOptions');

/** The same, checked and complete: `ResolvedOptions`. */
export const RESOLVED_OPTIONS = Symbol('ResolvedOptions');

/** The `Clock` of everything that waits. */
export const CLOCK = Symbol('Clock');

/** The cache that the instances share: a `FlagDefinitionCacheProvider` or a `DefinitionCache`. */
export const DEFINITION_CACHE = Symbol('DefinitionCache');

/** Nobody asks for it: creating it puts our guard and interceptor before those of the app. */
export const REQUEST_ENHANCERS = Symbol('RequestEnhancers');
