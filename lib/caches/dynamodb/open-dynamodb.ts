/** Records in DynamoDB from a URL, over a client of our own. Loaded when there is such a URL. */
import type { RecordSettings } from '../../core/cache/record-backend.js';
import type { RegisterRecordStore } from '../../core/register/register-record-store.js';
import { defaultDynamodbNames } from './dynamodb-names.js';
import { dynamodbRecords } from './dynamodb-records.js';
import { ownDynamodbClient } from './dynamodb-sdk.js';
import type { DynamodbAddress } from './dynamodb-url.js';

/** @throws FlagsError `invalid-options` where the SDK is not installed. */
export async function openDynamodb(
  { region, table, key, description }: DynamodbAddress,
  settings: RecordSettings,
): Promise<RegisterRecordStore> {
  const client = await ownDynamodbClient(region);
  const parts = { client, table, key, names: defaultDynamodbNames, description };
  return dynamodbRecords({ ...parts, close: () => client.destroy() }, settings);
}
