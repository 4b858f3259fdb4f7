/**
 * Random evaluation contexts over the same words as the definitions, with every kind of value
 * that a program may pass: also those that JSON cannot carry, because contexts come from code.
 */
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import {
  deviceIds,
  distinctIds,
  groupKeys,
  groupTypes,
  plainValues,
  propertyNames,
} from './pools.js';
import type { PropertyKind } from './pools.js';
import type { Random } from './random.js';
import type { Vocabulary } from './vocabulary.js';

const hourMs = 3_600_000;
const namesWithKind = (Object.keys(propertyNames) as PropertyKind[]).flatMap((kind) =>
  propertyNames[kind].map((name) => ({ kind, name })),
);

/** How the properties of a context are made. */
interface Making {
  readonly now: number;
  readonly vocabulary: Vocabulary;
}

/** A context as of `now`; many lack something. */
export function generateContext(random: Random, making: Making): EvaluationContext {
  const context: Record<string, unknown> = {
    distinctId: random.chance(0.02) ? random.pick(['', null, undefined]) : random.pick(distinctIds),
  };
  if (random.chance(0.95)) {
    context['personProperties'] = {
      ...generateProperties(random, making, random.pick([0.6, 0.9, 0.97])),
      ...(random.chance(0.5) ? { $device_id: random.pick(deviceIds) } : {}),
    };
  }
  if (random.chance(0.7)) context['groups'] = generateGroups(random);
  if (random.chance(0.8)) {
    const types = random.some([...groupTypes, 'constructor'], 0.6);
    context['groupProperties'] = Object.fromEntries(
      types.map((type) => [type, generateProperties(random, making, 0.7)]),
    );
  }
  return context as unknown as EvaluationContext;
}

function generateGroups(random: Random): Record<string, unknown> {
  return Object.fromEntries(
    random
      .some(groupTypes, 0.75)
      .map((type) => [
        type,
        random.chance(0.05) ? random.pick([5, null, undefined]) : random.pick(groupKeys),
      ]),
  );
}

function generateProperties(
  random: Random,
  making: Making,
  density: number,
): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const { kind, name } of namesWithKind) {
    const isSpecial = name === 'distinct_id' || name === '$group_key' || name === 'constructor';
    if (!random.chance(isSpecial ? 0.1 : density)) continue;
    if (making.vocabulary.isPlain && random.chance(0.93)) {
      properties[name] = generatePlainValue(random, kind, making.now);
      continue;
    }
    if (random.chance(0.03)) {
      properties[name] = random.pick([null, null, undefined]);
      continue;
    }
    properties[name] = random.chance(0.9)
      ? generateValue(random, kind, making)
      : generateAnyValue(random, making);
  }
  return properties;
}

function generatePlainValue(random: Random, kind: PropertyKind, now: number): unknown {
  return kind === 'date' && random.chance(0.5)
    ? asDateValue(random, generateInstant(random, now))
    : random.pick(plainValues[kind]);
}

function generateValue(random: Random, kind: PropertyKind, making: Making): unknown {
  const { texts, numbers, truths, structures, versionTexts, patternSubjects } = making.vocabulary;
  switch (kind) {
    case 'text':
      return random.chance(0.8) ? random.pick(texts) : random.pick(structures);
    case 'number':
      return random.weighted<unknown>([
        [6, () => random.pick(numbers)],
        [3, () => String(random.pick(numbers))],
        [1, () => random.pick(texts)],
      ]);
    case 'truth':
      return random.pick(truths);
    case 'date':
      return generateDate(random, making);
    case 'version':
      return random.pick(versionTexts);
    case 'pattern':
      return random.chance(0.7)
        ? random.pick(patternSubjects)
        : random.many(0, 8, () => random.pick(['a', 'b', '.', ' ', '-', '\n'])).join('');
  }
}

function generateDate(random: Random, { now, vocabulary }: Making): unknown {
  return random.weighted<unknown>([
    [5, () => asDateValue(random, generateInstant(random, now))],
    [3, () => random.pick(vocabulary.dateTexts)],
  ]);
}

/** Moments that relative dates point at, to the millisecond and just beside it. */
function generateInstant(random: Random, now: number): number {
  const besideMs = random.pick([-1, 0, 0, 1, -12 * hourMs, 12 * hourMs, 24 * hourMs]);
  const date = new Date(now);
  const days = random.pick([0, 1, 13, 14, 30, 60]);
  if (random.chance(0.5))
    return now - days * 24 * hourMs - random.pick([0, 1, 6]) * hourMs + besideMs;
  date.setUTCMonth(date.getUTCMonth() - random.pick([1, 2, 3, 6, 12, 12, 13, 48, 84]));
  if (random.chance(0.5)) date.setUTCDate(random.pick([1, 28, 29]));
  return date.valueOf() + besideMs;
}

function asDateValue(random: Random, instant: number): unknown {
  const date = new Date(instant);
  return random.pick([date, instant, date.toISOString(), date.toISOString().slice(0, 10)]);
}

function generateAnyValue(random: Random, making: Making): unknown {
  const { texts, numbers, structures, versionTexts } = making.vocabulary;
  return random.weighted<unknown>([
    [3, () => random.pick(texts)],
    [3, () => random.pick(numbers)],
    [3, () => random.pick([null, undefined, true, false, Number.NaN, Number.POSITIVE_INFINITY])],
    [4, () => random.pick(structures)],
    [2, () => generateDate(random, making)],
    [2, () => random.pick(versionTexts)],
    [2, () => generateForeignValue(random)],
  ]);
}

/** What JSON cannot carry. */
function generateForeignValue(random: Random): unknown {
  const circular: unknown[] = ['a'];
  circular.push(circular);
  const sparse: unknown[] = [];
  sparse[1] = 'a';
  // prettier-ignore
  return random.pick<unknown>([
    new Date(Number.NaN), 5n, new Map([['a', 1]]), Object.create(null), circular, sparse, /a/,
    Symbol('s'), () => 'a', Object.assign(Object.create(null), { a: 1.5 }), new Uint8Array(2),
    Number.NEGATIVE_INFINITY, [Number.NaN], { a: undefined }, [undefined], Object('a'), Object(5),
  ]);
}
