/**
 * Hangs a value on objects of others as a private field: whoever lists, copies or logs such an
 * object does not see it. A symbol that is not enumerable would do as well but takes ten times as
 * long; and a WeakMap keeps a value that leads back to its key, and so the key, until the garbage
 * collector looks at the old ones.
 */
export interface HiddenField<T> {
  of(object: object): T | undefined;
  /** To be called once for an object, which is extensible. */
  hang(object: object, value: T): void;
}

/** Each call makes a field of its own. */
export function hiddenField<T>(): HiddenField<T> {
  class Holder extends Same {
    readonly #value: T;

    constructor(object: object, value: T) {
      super(object);
      this.#value = value;
    }

    static of(object: object): T | undefined {
      return #value in object ? object.#value : undefined;
    }
  }
  return {
    of: (object) => Holder.of(object),
    hang: (object, value) => void new Holder(object, value),
  };
}

/** Makes nothing: the fields of a subclass go to the given object. */
class Same {
  constructor(object: object) {
    return object;
  }
}
