/** A filter on a property: finds the property, then lets the operator test its value. */
import type { PropertyFilter } from '../definitions/flag-definitions.js';
import type { PropertyMatcher } from './compilation.js';
import { unsupported } from './match.js';
import { compilePropertyTest } from './operators/compile-property-test.js';
import type { OperatorRules } from './operators/property-test.js';

export function compilePropertyFilter(
  filter: PropertyFilter,
  rules: OperatorRules,
): PropertyMatcher {
  const key = String(filter.key);
  const { test, whenAbsent, acceptsNull } = compilePropertyTest(filter, rules);
  const isPresenceTest = filter.operator === 'is_set' || filter.operator === 'is_not_set';
  return {
    kind: 'property',
    definition: filter,
    match(subject, run) {
      // As `readProperty`, without a mark for what is absent: comparing with it would cost more.
      const { properties } = subject;
      let value: unknown;
      if (properties !== undefined && Object.hasOwn(properties, key)) value = properties[key];
      else if (key === subject.addedKey) value = subject.addedValue;
      else return whenAbsent;
      // A property given as undefined says nothing, save that it is there.
      if (value === undefined && !isPresenceTest) return unsupported;
      if (value === null && !acceptsNull) return false;
      return test(value, run);
    },
  };
}
