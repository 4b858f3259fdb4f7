/**
 * Random property filters: mostly an operator with a value it can use, aimed at a property
 * that contexts often have; now and then anything at all.
 */
import type { JsonValue, PropertyFilter } from '../../lib/core/definitions/flag-definitions.js';
import {
  operatorsByKind,
  plainPatterns,
  plainRelativeDates,
  plainValues,
  propertyNames,
  strangeOperators,
} from './pools.js';
import type { PropertyKind } from './pools.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

const kinds = Object.keys(operatorsByKind) as PropertyKind[];

/** A filter on a property of the person or of the group. */
export function generatePropertyFilter(random: Random, vocabulary: Vocabulary): PropertyFilter {
  return vocabulary.isPlain
    ? generatePlainFilter(random)
    : generateStrangeFilter(random, vocabulary);
}

function generatePlainFilter(random: Random): PropertyFilter {
  const kind = random.pick(kinds);
  const operator = random.pick(operatorsByKind[kind]);
  const values: Partial<Record<PropertyKind, readonly unknown[]>> = {
    pattern: plainPatterns,
    date: [...plainValues.date, ...plainRelativeDates],
  };
  const value = random.pick(values[kind] ?? plainValues[kind]);
  const isPiece =
    kind === 'text' && operator.match(/_with|contains/) !== null && random.chance(0.5);
  if (isPiece)
    return {
      key: random.pick(propertyNames.text),
      operator,
      value: generatePiece(random, String(value)),
    };
  const isList = kind === 'text' && random.chance(0.3);
  return {
    key: random.pick(propertyNames[kind]),
    type: 'person',
    operator,
    value: isList ? [value, 'pro'] : value,
  };
}

function generateStrangeFilter(random: Random, vocabulary: Vocabulary): PropertyFilter {
  const kind = random.pick(kinds);
  const filter: Record<string, unknown> = {
    key: random.pick(propertyNames[random.chance(0.93) ? kind : random.pick(kinds)]),
    type: random.weighted<unknown>([
      [20, () => 'person'],
      [3, () => 'group'],
      [1, () => 'person_metadata'],
      [1, () => 'weird'],
      [2, () => undefined],
    ]),
    operator: generateOperator(random, kind),
    value: random.chance(0.94)
      ? generateValue(random, kind, vocabulary)
      : generateAnyJson(random, vocabulary),
    // Only the leaves of a cohort may be negated: elsewhere this must change nothing.
    negation: random.chance(0.03) ? true : undefined,
  };
  if (random.chance(0.02)) delete filter['value'];
  return withoutUndefined(filter);
}

function generateOperator(random: Random, kind: PropertyKind): unknown {
  return random.weighted<unknown>([
    [90, () => random.pick(operatorsByKind[kind])],
    [6, () => random.pick(operatorsByKind[random.pick(kinds)])],
    [2, () => random.pick(strangeOperators)],
    [2, () => undefined],
  ]);
}

function generateValue(random: Random, kind: PropertyKind, vocabulary: Vocabulary): unknown {
  const { texts, numbers, truths, structures, dateTexts, versionTexts, patterns } = vocabulary;
  switch (kind) {
    case 'text':
      return random.weighted<unknown>([
        [6, () => random.pick(texts)],
        [3, () => generatePiece(random, random.pick(texts))],
        [3, () => random.many(0, 4, () => random.pick(texts))],
        [1, () => random.pick(structures)],
        [2, () => JSON.stringify(random.pick(structures))],
      ]);
    case 'number':
      return random.weighted<unknown>([
        [5, () => random.pick(numbers)],
        [3, () => String(random.pick(numbers))],
        [1, () => random.pick(texts)],
        [1, () => random.many(1, 3, () => random.pick(numbers))],
      ]);
    case 'truth':
      return random.pick(truths);
    case 'date':
      return random.weighted<unknown>([
        [9, () => random.pick(dateTexts)],
        [1, () => random.pick([1_704_067_200_000, true, null, ['2024-01-01'], 8.64e15 + 1, 5])],
      ]);
    case 'version':
      return random.weighted<unknown>([
        [9, () => random.pick(versionTexts)],
        [1, () => random.pick([1, 1.2, 2, true, null, ['1.2.3'], 1e21])],
      ]);
    case 'pattern':
      return random.weighted<unknown>([
        [6, () => random.pick(patterns)],
        [5, () => generatePattern(random)],
        [1, () => random.pick([5, 1.5, null, true, ['a'], {}])],
      ]);
  }
}

/** A part of a text, perhaps in other letters: what a search for a substring should find. */
function generatePiece(random: Random, text: string): string {
  const from = random.between(0, text.length);
  const piece = text.slice(from, random.between(from, text.length));
  return random.pick([piece, piece, piece.toUpperCase(), piece.toLowerCase()]);
}

// prettier-ignore
const patternTokens: readonly string[] = [
  'a', 'b', 'a', 'b', '.', '^', '$', '|', '(', ')', '(?:', '[ab]', '[^a]', '\\w', '\\d', '\\s', '\\.',
  '*', '+', '?', '{2}', '{0,2}', '{1,}', '[a-b]', '-', '*?', '+?', '??', '{2}?', '[\\w.]', '\\n',
];

/**
 * A short pattern of random tokens, often invalid. It is short, and so are the texts it is
 * matched with, because the reference implementation would wait for it without a limit.
 */
function generatePattern(random: Random): string {
  const depthOpen: string[] = [];
  const tokens = random.many(1, 7, () => {
    const token = random.pick(patternTokens);
    if (token === '(' || token === '(?:') depthOpen.push(')');
    if (token === ')') depthOpen.pop();
    return token;
  });
  // Closing what is open makes half of the patterns valid.
  return tokens.join('') + (random.chance(0.8) ? depthOpen.join('') : '');
}

/** A pattern of random characters: most are invalid or not portable, in every way there is. */
function generateCharacters(random: Random): string {
  const characters = random.pick(['ab.^$|()[]{}*+?\\', 'ab()[]\\^-&~x41dwbB', 'a2{},*+?()|:^$']);
  return random.many(1, 9, () => random.pick(characters.split(''))).join('');
}

/** A filter whose pattern nobody would write. */
export function generatePatternFilter(random: Random, { patterns }: Vocabulary): PropertyFilter {
  const value = random.weighted([
    [2, () => generatePattern(random)],
    [2, () => generateCharacters(random)],
    [1, () => random.pick(patterns)],
  ]);
  return {
    key: random.pick(propertyNames.pattern),
    type: 'person',
    operator: random.pick(operatorsByKind.pattern),
    value,
  };
}

/** Any value that JSON can carry. */
export function generateAnyJson(random: Random, vocabulary: Vocabulary): JsonValue {
  const { texts, numbers, truths, structures, dateTexts, versionTexts } = vocabulary;
  return random.weighted<unknown>([
    [4, () => random.pick(texts)],
    [3, () => random.pick(numbers)],
    [3, () => random.pick(truths)],
    [3, () => random.pick(structures)],
    [2, () => random.pick(dateTexts)],
    [2, () => random.pick(versionTexts)],
  ]) as JsonValue;
}

/** JSON has no undefined: a field is there or it is not. */
export function withoutUndefined<T extends object>(record: object): T {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as unknown as T;
}
