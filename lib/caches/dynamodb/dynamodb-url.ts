/**
 * A cache URL of the kind `dynamodb://eu-central-1/my-table?key=my-service`, taken apart. Errors
 * never repeat it: somebody may have put credentials into it, though they do not belong there.
 */
import { DEFAULT_CACHE_KEY, isCacheKey } from '../../core/cache/cache-key.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import { unknownParameters } from '../../core/given/unknown-parameters.js';

export interface DynamodbAddress {
  /** Undefined: the SDK finds it, e.g. in AWS_REGION. */
  readonly region: string | undefined;
  readonly table: string;
  readonly key: string;
  /** The URL without its query, for logs. */
  readonly description: string;
}

export function isDynamodbUrl(url: string): boolean {
  return /^dynamodb:/i.test(url);
}

/** As AWS allows them: 3 to 255 letters, digits, or . - _ */
export function isTableName(name: unknown): name is string {
  return typeof name === 'string' && /^[\w.-]{3,255}$/.test(name);
}

/** @throws FlagsError `invalid-options`, which does not quote the URL. */
export function parseDynamodbUrl(text: string): DynamodbAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^dynamodb:\/\//i.test(text)) throw unreadable();
  if (url.username !== '' || url.password !== '') throw withCredentials();
  const table = url.pathname.slice(1);
  const { hostname: region, port } = url;
  if (!/^[a-z0-9-]{0,40}$/.test(region) || port !== '' || !isTableName(table)) throw unreadable();
  const unknown = unknownParameters(url, ['key']);
  if (unknown !== undefined) {
    throw invalid(
      `The cache URL has a parameter that does not exist: ${unknown}. It may have: key.`,
    );
  }
  const key = url.searchParams.get('key') ?? DEFAULT_CACHE_KEY;
  if (!isCacheKey(key)) {
    throw invalid(
      'The parameter key of the cache URL must have 1 to 100 letters, digits, or . : / - _, for example ?key=my-service.',
    );
  }
  const description = `dynamodb://${region}/${table}`;
  return { region: region === '' ? undefined : region, table, key, description };
}

function unreadable(): FlagsError {
  return invalid(
    'The URL of the DynamoDB cache cannot be read (it is not repeated here). Write it as dynamodb://eu-central-1/my-table?key=my-service, with a region and the name of a table; without a region (dynamodb:///my-table) AWS_REGION counts. Another endpoint is named by AWS_ENDPOINT_URL_DYNAMODB, and not in the URL.',
  );
}

function withCredentials(): FlagsError {
  return invalid(
    'The URL of the DynamoDB cache has a user or a password in it (it is not repeated here). Leave them out: the AWS SDK finds its credentials in the environment, or in the role of the machine or function.',
  );
}

function invalid(message: string): FlagsError {
  return new FlagsError(message, { code: 'invalid-options' });
}
