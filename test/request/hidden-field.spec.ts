import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { hiddenField } from '../../lib/request/hidden-field.js';

describe('a hidden field', () => {
  it('is had by the objects on which a value was hung, each with its own', () => {
    const field = hiddenField<string>();
    const [a, b, c] = [{}, {}, {}];
    field.hang(a, 'of a');
    field.hang(b, 'of b');
    expect([field.of(a), field.of(b), field.of(c)]).toEqual(['of a', 'of b', undefined]);
  });

  it('is not another one on the same object', () => {
    const [one, other] = [hiddenField<string>(), hiddenField<string>()];
    const object = {};
    one.hang(object, 'one');
    expect(other.of(object)).toBeUndefined();
    other.hang(object, 'other');
    expect([one.of(object), other.of(object)]).toEqual(['one', 'other']);
  });

  it('is seen by nobody who lists, copies or prints the object', () => {
    const field = hiddenField<string>();
    const object = { seen: true };
    field.hang(object, 'hidden');
    expect(Reflect.ownKeys(object)).toEqual(['seen']);
    expect(field.of({ ...object })).toBeUndefined();
    expect(inspect(object, { showHidden: true })).toBe('{ seen: true }');
  });
});
