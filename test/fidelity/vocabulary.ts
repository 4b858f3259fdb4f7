/**
 * The words of one case: a few of each pool. Definitions and contexts of the case draw from the
 * same few, so that what a filter asks for is often what a context holds.
 */
import {
  dateTexts,
  numbers,
  patternSubjects,
  patterns,
  structures,
  textFamilies,
  texts,
  truths,
  versionFamilies,
  versionTexts,
} from './pools.js';
import type { Random } from './random.js';

export interface Vocabulary {
  /** Ordinary words where possible: then it is the structure that is tested. */
  readonly isPlain: boolean;
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
  readonly truths: readonly unknown[];
  readonly structures: readonly unknown[];
  readonly dateTexts: readonly string[];
  readonly versionTexts: readonly string[];
  readonly patterns: readonly string[];
  readonly patternSubjects: readonly string[];
}

export function generateVocabulary(random: Random, isPlain: boolean): Vocabulary {
  const few = <T>(pool: readonly T[], count: number): T[] => random.shuffled(pool).slice(0, count);
  return {
    isPlain,
    texts: [...few(texts, 5), ...few(textFamilies, 2).flat()],
    numbers: few(numbers, 5),
    truths: few(truths, 7),
    structures: few(structures, 5),
    dateTexts: few(dateTexts, 8),
    versionTexts: [...few(versionTexts, 4), ...few(versionFamilies, 1).flat()],
    patterns: few(patterns, 12),
    patternSubjects: few(patternSubjects, 8),
  };
}
