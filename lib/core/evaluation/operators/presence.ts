/**
 * `is_set` and `is_not_set`. A property that is there is set, even when it holds null or
 * undefined; one that is absent from the context may still be set in PostHog, so it is unknown.
 */
import { missingContext } from '../match.js';
import type { PropertyTest } from './property-test.js';

export const isSet: PropertyTest = presence(true);
export const isNotSet: PropertyTest = presence(false);

function presence(answer: boolean): PropertyTest {
  return { test: () => answer, whenAbsent: missingContext, acceptsNull: true };
}
