/**
 * The module of {@link sha1Module} at work. One for the process: a hash is computed in one go, so
 * nobody can come in between. The id that was hashed last stays in its memory, because the next
 * flag is mostly asked for the same person.
 */
import { idAddress, longestPart, salt, sha1Module } from './sha1-module.js';

/** A prefix as the machine takes it: UTF-8, four bytes in a word, the lowest first. */
export interface Prefix {
  readonly words: readonly number[];
  readonly length: number;
}

export interface Sha1Machine {
  /** Where the id falls; NaN, which costs no allocation, for one too long for the machine. */
  position(prefix: Prefix['words'], prefixLength: number, id: string, isSalted: boolean): number;
}

/** What is needed of `WebAssembly`, which the types of neither Node nor the language declare. */
interface WebAssemblyPart {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly position: (prefixLength: number, idLength: number, saltLength: number) => number;
}

/** In UTF-16 units, of which none takes more than three bytes. */
const longestId = longestPart / 3;

/** Undefined for a prefix that is too long for the machine. */
export function encodePrefix(text: string): Prefix | undefined {
  const bytes = Buffer.from(text);
  if (bytes.length > longestPart) return undefined;
  const words = Array.from({ length: Math.ceil(bytes.length / 4) }, (_, index) =>
    [0, 1, 2, 3].reduce((word, part) => word | ((bytes[4 * index + part] ?? 0) << (8 * part)), 0),
  );
  return { words, length: bytes.length };
}

/** Undefined where there is no WebAssembly, or where it is forbidden (`--jitless`). */
export function startSha1Machine(): Sha1Machine | undefined {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyPart };
  if (WebAssembly === undefined) return undefined;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(sha1Module()));
    return machineOf(exports as Exports);
  } catch {
    return undefined;
  }
}

function machineOf({ memory, position }: Exports): Sha1Machine {
  const message = new Int32Array(memory.buffer, 0, Math.ceil(longestPart / 4));
  const idBytes = Buffer.from(memory.buffer, idAddress, longestPart);
  let loadedId: string | undefined;
  let idLength = 0;

  return {
    position(prefix, prefixLength, id, isSalted) {
      if (id !== loadedId) {
        if (id.length > longestId) return Number.NaN;
        idLength = idBytes.write(id);
        loadedId = id;
      }
      for (let index = 0; index < prefix.length; index++) message[index] = prefix[index] as number;
      return position(prefixLength, idLength, isSalted ? salt.length : 0);
    },
  };
}
