/** All hostile input, by kind and by name. */
import type { HostileCase } from './hostile-case.js';
import { hostileContexts } from './hostile-contexts.js';
import { hostileDefinitions } from './hostile-definitions.js';
import { hostilePatterns } from './hostile-patterns.js';

export const hostileCases: Readonly<Record<string, Readonly<Record<string, HostileCase>>>> = {
  'definitions: nesting': hostileDefinitions.nesting,
  'definitions: circles and chains': hostileDefinitions.circles,
  'definitions: sizes': hostileDefinitions.sizes,
  'definitions: names and types': hostileDefinitions.strange,
  'regular expressions': hostilePatterns,
  contexts: hostileContexts,
};
