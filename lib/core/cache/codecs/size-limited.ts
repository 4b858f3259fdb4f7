/**
 * Keeps bodies below a size, for stores that take no larger ones or bill them. It counts the bytes
 * at its place in the list: the JSON when it is first, what is stored when it is last. It changes
 * nothing, so records do not show it.
 */
import { FlagsError } from '../../errors/flags-error.js';
import { refusedRecord } from '../refused-record.js';
import type { RecordCodec } from './record-codec.js';

/**
 * Publishes nothing above `maxBytes`, and reads nothing above it. Instances go on with what they
 * hold; the one that has fetched has its own.
 * @param maxBytes 1 or more.
 * @publicApi
 */
export function sizeLimited(maxBytes: number): RecordCodec {
  const isRight = Number.isSafeInteger(maxBytes) && maxBytes >= 1;
  const mistake = `sizeLimited(…) needs a whole number of bytes, 1 or more, for example sizeLimited(400_000).`;
  return {
    mistakes: isRight ? [] : [mistake],
    encode(bytes) {
      if (bytes.byteLength <= maxBytes) return bytes;
      throw new FlagsError(
        `The definitions were not published: they have ${bytes.byteLength} bytes, more than the ${maxBytes} that sizeLimited allows. Each instance fetches them for itself now. Raise the limit, or put compressed('gzip') before it.`,
        { code: 'invalid-definitions' },
      );
    },
    decode(bytes, { revision }) {
      if (bytes.byteLength <= maxBytes) return bytes;
      throw refusedRecord(
        revision,
        `has ${bytes.byteLength} bytes, more than the ${maxBytes} that sizeLimited allows`,
        'Give all instances the same limit.',
      );
    },
  };
}
