/**
 * The positions that decide rollouts, variants and holdouts, beside SHA-1 as `node:crypto` computes
 * it, with PostHog's own formula: the first 15 hex digits as a number, divided by the largest one.
 * Ids are of every kind that reaches an encoder or the border of a block of SHA-1.
 */
import { createHash } from 'node:crypto';
import { flagBuckets, holdoutBuckets } from '../../lib/core/evaluation/bucketing.js';
import { startSha1Machine } from '../../lib/core/evaluation/hash/sha1-machine.js';
import { Random } from './random.js';

/** What is tested: the positions of ids under one flag. */
export interface Positions {
  rollout(id: string): number;
  variant(id: string): number;
}

/** `machine`: as it is shipped, in WebAssembly. `platform`: as it runs where that is forbidden. */
export type HashPath = 'machine' | 'platform';

export interface HashOptions {
  readonly hashes: number;
  readonly seed: number;
  readonly path: HashPath;
}

export interface HashReport {
  readonly path: HashPath;
  readonly hashes: number;
  /** The first difference, as a text to read. */
  readonly difference: string | undefined;
  /** How many of the ids were of each kind. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Run it in a thread of its own: the path is chosen once, when the first position is asked for. */
export function compareOurHashes(options: HashOptions): HashReport {
  if (options.path === 'platform') Object.assign(globalThis, { WebAssembly: undefined });
  if ((startSha1Machine() !== undefined) !== (options.path === 'machine')) {
    throw new Error(`This process cannot take the path "${options.path}".`);
  }
  return compareHashes(options, flagBuckets, holdoutBuckets);
}

export function compareHashes(
  { hashes, seed, path }: HashOptions,
  positionsOf: (flagKey: string) => Positions,
  holdout: Positions,
): HashReport {
  const random = new Random(seed);
  const flags = flagKeys(random).map((key) => ({
    prefix: `${key}.`,
    positions: positionsOf(key),
  }));
  const subjects = [...flags, { prefix: 'holdout-', positions: holdout }];
  const kinds: Record<string, number> = {};
  let [compared, id] = [0, ''];
  for (; compared < hashes; compared += 1) {
    // As in a snapshot, the next flag is mostly asked for the same id.
    if (compared === 0 || random.chance(0.6)) id = nextId(random, kinds);
    const { prefix, positions } = random.pick(subjects);
    const isVariant = random.chance(0.4);
    const ours = isVariant ? positions.variant(id) : positions.rollout(id);
    const theirs = positionOf(`${prefix}${id}${isVariant ? 'variant' : ''}`);
    if (!Object.is(ours, theirs)) {
      const difference = describe(prefix, id, isVariant, { ours, theirs });
      return { path, hashes: compared + 1, difference, kinds };
    }
  }
  return { path, hashes: compared, difference: undefined, kinds };
}

function positionOf(text: string): number {
  const digits = createHash('sha1').update(text, 'utf8').digest('hex').slice(0, 15);
  return Number.parseInt(digits, 16) / Number.parseInt('f'.repeat(15), 16);
}

function describe(
  prefix: string,
  id: string,
  isVariant: boolean,
  { ours, theirs }: { readonly ours: number; readonly theirs: number },
): string {
  return (
    `prefix ${escaped(prefix)}, id ${escaped(id)} (${id.length} units), ` +
    `${isVariant ? 'variant' : 'rollout'}: ours ${ours}, node:crypto ${theirs}`
  );
}

/** With halves of pairs and the like spelled out. */
function escaped(text: string): string {
  const shown = text.length <= 400 ? text : `${text.slice(0, 400)}…`;
  return JSON.stringify(shown).replaceAll(
    /[^\x20-\x7e…]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Ranges of code points. */
const alphabets: Readonly<Record<string, readonly [number, number]>> = {
  ASCII: [0x20, 0x7e],
  'Latin-1': [0, 0xff],
  Cyrillic: [0x400, 0x4ff],
  CJK: [0x4e00, 0x9fff],
  emoji: [0x1_f300, 0x1_faff],
  'halves of pairs, high': [0xd800, 0xdbff],
  'halves of pairs, low': [0xdc00, 0xdfff],
  'around halves of pairs': [0xd7f0, 0xe010],
  'any unit': [0, 0xffff],
  'any beyond 16 bits': [0x1_0000, 0x10_ffff],
};

/** A byte more or less at the end of a block, or with the salt: 55, 56, 63, 64, 119, 120, … */
const blockBorders = [1, 2, 3, 4, 5, 6, 7, 8, 14].flatMap((blocks) => [
  64 * blocks - 9,
  64 * blocks - 8,
  64 * blocks - 1,
  64 * blocks,
]);
/** Around the longest id that is hashed in WebAssembly, in units and in bytes. */
const limits = [299, 300, 301, 899, 900, 901, 1_200];

function nextId(random: Random, kinds: Record<string, number>): string {
  const kind = random.pick([...Object.keys(alphabets), 'ASCII', 'ASCII', 'mixed', 'empty']);
  kinds[kind] = (kinds[kind] ?? 0) + 1;
  if (kind === 'empty') return '';
  const length = lengthOf(random);
  if (kind !== 'mixed') return textOf(random, length, () => alphabets[kind]);
  return textOf(random, length, () => random.pick(Object.values(alphabets)));
}

function lengthOf(random: Random): number {
  return random.weighted([
    [6, () => random.between(1, 60)],
    [3, () => random.between(0, 400)],
    [5, () => Math.max(0, random.pick(blockBorders) - random.between(0, 24))],
    [1, () => random.pick(limits)],
  ]);
}

/** Of so many characters of the alphabets. */
function textOf(
  random: Random,
  length: number,
  alphabet: () => readonly [number, number] | undefined,
): string {
  let text = '';
  for (let index = 0; index < length; index += 1) {
    const [low, high] = alphabet() ?? [0x20, 0x7e];
    text += String.fromCodePoint(random.between(low, high));
  }
  return text;
}

/** Among them some at a border of a block together with the dot, and some too long for the machine. */
function flagKeys(random: Random): readonly string[] {
  const plain = ['a', '', 'beta-feature', 'flagé', 'флаг', '旗', '🚩', '\ud83d', 'x\udc00', '.'];
  const lengths = [54, 55, 56, 62, 63, 64, 118, 119, 127, 300, 897, 898, 899, 900, 901, 5_000];
  return [
    ...plain,
    ...lengths.map((length) => 'k'.repeat(length)),
    ...lengths.map((length) => textOf(random, Math.floor(length / 3), () => alphabets['CJK'])),
  ];
}
