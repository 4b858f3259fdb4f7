import { expect, it } from '@jest/globals';
import { messageOf } from '../../../lib/core/errors/message-of.js';

it.each([
  ['connect redis://ops:s3cr@t@10.0.0.5:6379/0 failed', 'connect redis://[hidden]@10.0.0.5:6379/0 failed'], // prettier-ignore
  ['bad header "Authorization: Bearer abc.def"', 'bad header "Authorization: Bearer [hidden]"'],
  ['the key phs_0123456789abcdef is unknown', 'the key [hidden] is unknown'],
  ['https://eu.i.posthog.com answered', 'https://eu.i.posthog.com answered'],
  ['Give a project secret key ("phs_…")', 'Give a project secret key ("phs_…")'],
])('what an error quotes of a secret is left out: %s', (message, expected) => {
  expect(messageOf(new Error(message))).toBe(expected);
});

it.each([
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [Object.create(null), 'something that cannot be printed was thrown'],
])('says what was thrown, whatever it was: %p', (thrown, expected) => {
  expect(messageOf(thrown)).toBe(expected);
});
