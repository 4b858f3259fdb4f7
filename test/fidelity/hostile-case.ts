/** What a hostile case is: a document, a context, and the flags to ask for. */

export interface HostileCase {
  readonly make: () => HostileInput;
}

export interface HostileInput {
  /** As a caller may hand it over: anything. */
  readonly definitions: unknown;
  readonly context: unknown;
  readonly keys: readonly string[];
}

/** A text that lies in memory in one piece, as one that was received does; `repeat` makes a tree. */
export function flatText(unit: string, length: number): string {
  return Buffer.alloc(length, unit).toString('latin1');
}
