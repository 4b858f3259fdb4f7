/** What is wrong with the codecs that an app names, each in a sentence or two; no secret is in it. */
import { propertyOf, hasMethod } from '../core/given/given-value.js';
import { describe } from './option-report.js';

const namePattern = /^[a-z][a-z0-9-]{0,31}$/;
const example = "compressed('gzip') or sealed({ keys })";

export function mistakesInCodecs(codecs: unknown): readonly string[] {
  if (codecs === undefined) return [];
  if (!Array.isArray(codecs)) {
    return [`got ${describe(codecs)}, expected a list, for example of ${example}.`];
  }
  const names = new Set<unknown>();
  return (codecs as readonly unknown[]).flatMap((codec, index) => {
    if (!hasMethod(codec, 'encode') || !hasMethod(codec, 'decode')) {
      return [`got ${describe(codec)} at ${index}, expected for example ${example}.`];
    }
    const own = propertyOf(codec, 'mistakes');
    const name = propertyOf(codec, 'name');
    return [...(Array.isArray(own) ? own.map(String) : []), ...mistakesInName(name, names)];
  });
}

function mistakesInName(name: unknown, names: Set<unknown>): readonly string[] {
  if (name === undefined) return [];
  if (typeof name !== 'string' || !namePattern.test(name)) {
    return [
      `the name of a codec must have 1 to 32 small letters, digits and -, got ${describe(name)}.`,
    ];
  }
  if (names.has(name)) return [`the codec ${name} is there twice; once is enough.`];
  names.add(name);
  return [];
}
