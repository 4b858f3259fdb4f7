/** `dynamodb:`. Read at once; the backend is loaded when it is opened. */
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { parseDynamodbUrl } from '../dynamodb/dynamodb-url.js';

/** @throws FlagsError `invalid-options` that says what is wrong and never repeats the URL. */
export function readDynamodbUrl(url: string): RecordBackend {
  const address = parseDynamodbUrl(url);
  return {
    open: async (settings) => {
      const { openDynamodb } = await import('../dynamodb/open-dynamodb.js');
      return openDynamodb(address, settings);
    },
  };
}
