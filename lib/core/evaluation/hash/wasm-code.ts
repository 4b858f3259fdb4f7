/**
 * Writes the code of a WebAssembly function, instruction by instruction: the handful that a hash
 * needs, each by the name that the specification gives it. So the program can be read and changed
 * where it stands, and no binary lies in the repository.
 */

const opcodes = {
  loop: 0x03,
  end: 0x0b,
  branchIf: 0x0d,
  select: 0x1b,
  lessThan: 0x49,
  add: 0x6a,
  subtract: 0x6b,
  and: 0x71,
  or: 0x72,
  xor: 0x73,
  shiftLeft: 0x74,
  shiftRight: 0x76,
  rotateLeft: 0x77,
  addDouble: 0xa0,
  multiplyDouble: 0xa2,
  toDouble: 0xb8,
} as const;

export type Instruction = keyof typeof opcodes;

/** The type of a block that leaves nothing on the stack. */
const nothing = 0x40;
const [getLocal, setLocal, teeLocal] = [0x20, 0x21, 0x22];
const [load, loadLong, store, storeLong, storeByte] = [0x28, 0x29, 0x36, 0x37, 0x3a];
const [constant, longConstant, doubleConstant] = [0x41, 0x42, 0x44];

/** All values are 32-bit integers, where nothing else is said; all numbers of theirs are unsigned. */
export class WasmCode {
  readonly bytes: number[] = [];

  do(instruction: Instruction): this {
    this.bytes.push(opcodes[instruction]);
    return this;
  }

  /** What follows is done again and again, until {@link repeatIf} finds a zero on the stack. */
  loop(): this {
    this.bytes.push(opcodes.loop, nothing);
    return this;
  }

  repeatIf(): this {
    this.bytes.push(opcodes.branchIf, 0, opcodes.end);
    return this;
  }

  /** Puts the value of a local variable, or of a parameter, on the stack. */
  get(local: number): this {
    this.bytes.push(getLocal, local);
    return this;
  }

  /** Takes a value from the stack. */
  set(local: number): this {
    this.bytes.push(setLocal, local);
    return this;
  }

  /** Keeps a value, and leaves it on the stack. */
  tee(local: number): this {
    this.bytes.push(teeLocal, local);
    return this;
  }

  integer(value: number): this {
    this.bytes.push(constant);
    writeSigned(this.bytes, value);
    return this;
  }

  double(value: number): this {
    this.bytes.push(doubleConstant, ...new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  /** Eight zero bytes as one value. */
  zeros(): this {
    this.bytes.push(longConstant, 0);
    return this;
  }

  /** Reads four bytes; the address is on the stack, `offset` is added to it. */
  load(offset = 0): this {
    return this.#access(load, offset);
  }

  /** Reads eight bytes. */
  loadLong(offset = 0): this {
    return this.#access(loadLong, offset);
  }

  /** Writes four bytes: of the address and the value on the stack. */
  store(offset = 0): this {
    return this.#access(store, offset);
  }

  /** Writes eight bytes. */
  storeLong(offset = 0): this {
    return this.#access(storeLong, offset);
  }

  /** Writes the lowest byte of a value. */
  storeByte(offset = 0): this {
    return this.#access(storeByte, offset);
  }

  #access(opcode: number, offset: number): this {
    // 0: no alignment is promised.
    this.bytes.push(opcode, 0);
    writeUnsigned(this.bytes, offset);
    return this;
  }
}

/** A number in groups of seven bits, the lowest first. */
export function writeUnsigned(bytes: number[], value: number): void {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function writeSigned(bytes: number[], value: number): void {
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest & 0x7f);
}
