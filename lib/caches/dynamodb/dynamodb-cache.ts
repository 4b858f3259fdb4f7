/**
 * Definitions in a table of DynamoDB over a client that the app has already: with its credentials,
 * its region, its retries. The client stays its owner's and is not closed here. A cache from a URL
 * makes a client of its own and shares one table with these.
 */
import { DEFAULT_CACHE_KEY, isCacheKey } from '../../core/cache/cache-key.js';
import type { RecordBackend } from '../../core/cache/record-backend.js';
import { faultOfClient, type DynamodbClient } from './dynamodb-client.js';
import { defaultDynamodbNames } from './dynamodb-names.js';
import { dynamodbRecords } from './dynamodb-records.js';
import { isTableName } from './dynamodb-url.js';

/** @publicApi */
export interface DynamodbCacheOptions {
  /** Name of the table; it is not made here. */
  readonly table: string;
  /**
   * Tells apps apart that use one table: 1 to 100 letters, digits, or . : / - _. Projects are told
   * apart by themselves. It is `?key=` of a cache URL.
   * @default 'default'
   */
  readonly key?: string;
  /** Name of the table's partition key, a string. @default 'pk' */
  readonly partitionKey?: string;
  /** Name of the table's sort key, a string. @default 'sk' */
  readonly sortKey?: string;
  /** The attribute that the table's time to live looks at, where it has one. @default 'expiresAt' */
  readonly ttlAttribute?: string;
}

const nameOptions = ['partitionKey', 'sortKey', 'ttlAttribute'] as const;
const optionNames = [
  'table',
  'key',
  ...nameOptions,
] as const satisfies readonly (keyof DynamodbCacheOptions)[];

/** Attributes of the items, which none of the three may be called. */
const taken: readonly string[] = [
  'version',
  'value',
  'sum',
  'pieces',
  'kind',
  'revision',
  'schema',
  'digest',
  'codec',
  'etag',
  'bytes',
  'seenAt',
  'ageMs', // prettier-ignore
];

/**
 * For the option `cache`: `dynamodbCache(client, { table: 'flags', key: 'shop' })`. Never throws;
 * what is wrong with the client or the options is reported at start, together with all other
 * mistakes. Opening it loads `@aws-sdk/client-dynamodb`.
 * @publicApi
 */
export function dynamodbCache(
  client: DynamodbClient,
  options: DynamodbCacheOptions,
): RecordBackend {
  const mistakes = mistakesIn(client, options ?? {});
  const { table, key = DEFAULT_CACHE_KEY, ...given } = options ?? {};
  const { partitionKey, sortKey, ttlAttribute } = defaultDynamodbNames;
  const names = { partitionKey, sortKey, ttlAttribute, ...given };
  return {
    mistakes,
    open: async (settings) => {
      // The mistakes were reported before; this is for who calls it all the same.
      if (mistakes.length > 0) throw new TypeError(mistakes.join(' '));
      const description = `the DynamoDB table ${table}`;
      return dynamodbRecords({ client, table, key, names, description }, settings);
    },
  };
}

function mistakesIn(client: unknown, options: Partial<DynamodbCacheOptions>): string[] {
  const known: readonly string[] = optionNames;
  const mistakes = Object.keys(options)
    .filter((name) => !known.includes(name))
    .map((name) => `dynamodbCache has no option ${name}. There are ${known.join(', ')}.`);
  if (!isTableName(options.table)) {
    mistakes.push(
      "the option table of dynamodbCache must be the name of a table, 3 to 255 letters, digits, or . - _, for example { table: 'feature-flags' }.",
    );
  }
  if (options.key !== undefined && !isCacheKey(options.key)) {
    mistakes.push(
      "the option key of dynamodbCache must have 1 to 100 letters, digits, or . : / - _, for example { key: 'my-service' }.",
    );
  }
  mistakes.push(...mistakesInNames(options));
  const fault = faultOfClient(client);
  return fault === undefined ? mistakes : [...mistakes, `dynamodbCache ${fault}`];
}

function mistakesInNames(options: Partial<DynamodbCacheOptions>): string[] {
  const names = nameOptions.map((name) => options[name] ?? defaultDynamodbNames[name]);
  const mistakes = nameOptions
    .filter((_, index) => !isAttributeName(names[index]))
    .map(
      (name) =>
        `the option ${name} of dynamodbCache must be the name of an attribute, 1 to 255 letters, digits, or . - _, and none of ${taken.join(', ')}.`,
    );
  if (new Set(names).size === names.length) return mistakes;
  return [...mistakes, `the options ${nameOptions.join(', ')} of dynamodbCache must differ.`];
}

function isAttributeName(name: unknown): boolean {
  return typeof name === 'string' && /^[\w.-]{1,255}$/.test(name) && !taken.includes(name);
}
