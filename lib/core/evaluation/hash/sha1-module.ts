/**
 * A WebAssembly module that tells where an id falls: the SHA-1 of prefix, id and salt as a number
 * in [0, 1]. It exports its memory, in which the caller has put the prefix (at 0) and the id (at
 * {@link idAddress}) as UTF-8, and `position(prefixLength, idLength, saltLength)`.
 *
 * The 80 rounds are unrolled here, not in the source. Of SHA-1 (FIPS 180-4) 60 bits are wanted:
 * the first 15 hex digits are h0 and the upper 28 bits of h1, and `h0 * 2^28 + (h1 >>> 4)` in
 * doubles rounds as reading those digits does; dividing by the largest such number, 2^60 as a
 * double, is exact. So neither hex digits nor a division are needed.
 */
import { WasmCode, writeUnsigned } from './wasm-code.js';

/** Where the id lies in memory; in front of it there is room for the longest message. */
export const idAddress = 2048;
/** Longest prefix, and longest id, in bytes. */
export const longestPart = 900;
/** What may follow the id. */
export const salt = 'variant';

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const integerType = 0x7f;
const doubleType = 0x7c;

// Parameters and local variables.
const prefixLength = 0;
const idLength = 1;
const saltLength = 2;
const size = 3;
const at = 4;
const end = 5;
const word = 6;
/** h0 to h4, with what they begin, and a to e, which each block begins with them. */
const digest = [
  { sum: 7, begin: 0x67452301, working: 12 },
  { sum: 8, begin: 0xefcdab89, working: 13 },
  { sum: 9, begin: 0x98badcfe, working: 14 },
  { sum: 10, begin: 0x10325476, working: 15 },
  { sum: 11, begin: 0xc3d2e1f0, working: 16 },
] as const;
const firstScheduled = 17;
const locals = 33;

/** One for each twenty rounds. */
const roundConstants = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

type Word = (typeof digest)[number];

export function sha1Module(): Uint8Array {
  const code = new WasmCode();
  writeMessage(code);
  writePadding(code);
  writeDigest(code);
  writePosition(code);
  const parameters = saltLength + 1;
  const body = [1, locals - parameters, integerType].concat(code.do('end').bytes);
  const type = [1, 0x60, parameters, integerType, integerType, integerType, 1, doubleType];
  const exported = [2, ...text('memory'), 2, 0, ...text('position'), 0, 0];
  return new Uint8Array(
    header.concat(
      section(1, type),
      section(3, [1, 0]),
      // One page of memory.
      section(5, [1, 0, 1]),
      section(7, exported),
      section(10, [1].concat(sized(body))),
    ),
  );
}

/** Moves the id behind the prefix, eight bytes at a time; what is too much is overwritten. */
function writeMessage(code: WasmCode): void {
  code.integer(0).set(at).loop();
  code.get(prefixLength).get(at).do('add');
  code.get(at).loadLong(idAddress).storeLong();
  code.get(at).integer(8).do('add').tee(at).get(idLength).do('lessThan').repeatIf();
  code.get(prefixLength).get(idLength).do('add').set(size);
}

/** The salt, if there is one; a bit that is set; zeros; in the last two bytes the length in bits. */
function writePadding(code: WasmCode): void {
  const [vari, ant] = [littleEndian('vari'), littleEndian('ant\x80')];
  code.get(size).integer(vari).integer(0x80).get(saltLength).do('select').store();
  code.get(size).integer(ant).integer(0).get(saltLength).do('select').store(4);
  code.get(size).get(saltLength).do('add').set(size);
  for (let zeros = 1; zeros <= 72; zeros += 8) code.get(size).zeros().storeLong(zeros);
  code.get(size).integer(72).do('add').integer(-64).do('and').set(end);
  code.get(end).integer(2).do('subtract');
  code.get(size).integer(5).do('shiftRight').storeByte();
  code.get(end).integer(1).do('subtract');
  code.get(size).integer(3).do('shiftLeft').storeByte();
}

/** Block by block. */
function writeDigest(code: WasmCode): void {
  for (const { sum, begin } of digest) code.integer(begin).set(sum);
  code.integer(0).set(at).loop();
  for (const { sum, working } of digest) code.get(sum).set(working);
  for (let round = 0; round < 80; round++) writeRound(code, round);
  for (const { sum, working } of digest) code.get(working).get(sum).do('add').set(sum);
  code.get(at).integer(64).do('add').tee(at).get(end).do('lessThan').repeatIf();
}

/** The variables are not moved along, their names are: after five rounds each is back. */
function writeRound(code: WasmCode, round: number): void {
  const [a, b, c, d, e] = namesIn(round);
  const scheduled = writeScheduledWord(code, round);
  code.get(a).integer(5).do('rotateLeft');
  if (round < 20) code.get(c).get(d).do('xor').get(b).do('and').get(d).do('xor');
  else if (round < 40 || round >= 60) code.get(b).get(c).do('xor').get(d).do('xor');
  else code.get(b).get(c).do('and').get(b).get(c).do('or').get(d).do('and').do('or');
  code.do('add').get(e).do('add');
  code.integer(roundConstants[Math.floor(round / 20)] as number).do('add');
  code.get(scheduled).do('add').set(e);
  code.get(b).integer(30).do('rotateLeft').set(b);
}

function namesIn(round: number): readonly [number, number, number, number, number] {
  const name = (index: number) => (digest[(index + 80 - round) % 5] as Word).working;
  return [name(0), name(1), name(2), name(3), name(4)];
}

/** The first sixteen are the words of the block, read as big-endian; each later one is made of four. */
function writeScheduledWord(code: WasmCode, round: number): number {
  const place = (of: number) => firstScheduled + (of % 16);
  const target = place(round);
  if (round < 16) {
    const offset = 4 * round;
    code.get(at).load(offset).tee(word).integer(8).do('rotateLeft').integer(0x00ff00ff).do('and');
    code.get(word).integer(24).do('rotateLeft').integer(0xff00ff00).do('and').do('or').set(target);
    return target;
  }
  const [third, eighth, fourteenth] = [place(round - 3), place(round - 8), place(round - 14)];
  code.get(third).get(eighth).do('xor').get(fourteenth).do('xor').get(target).do('xor');
  code.integer(1).do('rotateLeft').set(target);
  return target;
}

function writePosition(code: WasmCode): void {
  const [{ sum: h0 }, { sum: h1 }] = digest;
  const [shift, scale] = [2 ** 28, 2 ** -60];
  code.get(h0).do('toDouble').double(shift).do('multiplyDouble');
  code.get(h1).integer(4).do('shiftRight').do('toDouble').do('addDouble');
  code.double(scale).do('multiplyDouble');
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id].concat(sized(content));
}

function sized(content: readonly number[]): readonly number[] {
  const bytes: number[] = [];
  writeUnsigned(bytes, content.length);
  return bytes.concat(content);
}

function text(name: string): readonly number[] {
  return [name.length, ...codesOf(name)];
}

function littleEndian(four: string): number {
  return codesOf(four).reduce((value, code, index) => value | (code << (8 * index)), 0);
}

function codesOf(name: string): readonly number[] {
  return Array.from(name, (letter) => letter.charCodeAt(0));
}
