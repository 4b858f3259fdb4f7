/** Injection tokens of what has no class to name it. Inside this library only. */

/** The options as the app wrote them. */
export const MODULE_OPTIONS = Symbol('FeatureFlagsModuleOptions');

/** The same, checked and complete: `ResolvedOptions`. */
export const RESOLVED_OPTIONS = Symbol('ResolvedOptions');

/** The `Clock` of everything that waits. */
export const CLOCK = Symbol('Clock');

/** The cache that the instances share: a `FlagDefinitionCacheProvider` or a `DefinitionCache`. */
export const DEFINITION_CACHE = Symbol('DefinitionCache');

/** What records exposures; undefined where the option is off. */
export const EXPOSURES = Symbol('Exposures');

/** What exposures want to know of answers; undefined where there are none. */
export const ANSWER_NOTES = Symbol('AnswerNotes');

/** Nobody asks for it: creating it puts our guard and interceptor before those of the app. */
export const REQUEST_ENHANCERS = Symbol('RequestEnhancers');
