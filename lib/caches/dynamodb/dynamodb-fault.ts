/**
 * Names what went wrong with DynamoDB: what failed, why probably, what to do. Of AWS's own words
 * only the action that is not allowed is passed on; the rest may name accounts and requests.
 */
import { FlagsError, isFlagsError } from '../../core/errors/flags-error.js';
import { propertyOf } from '../../core/given/given-value.js';
import type { DynamodbNames } from './dynamodb-names.js';

export interface DynamodbPlace {
  readonly table: string;
  readonly names: Pick<DynamodbNames, 'partitionKey' | 'sortKey'>;
}

/** All that a policy must allow, on the table and nothing else. */
export const dynamodbActions: readonly string[] = ['GetItem', 'PutItem', 'DeleteItem', 'Query'].map(
  (action) => `dynamodb:${action}`,
);

const throttled =
  'it takes no more at the moment: raise the capacity of the table, or give it on-demand capacity (PAY_PER_REQUEST); the next look tries again';
const credentials =
  'the credentials of this process are missing, wrong or expired: look at its role, or at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and at the clock of the machine';
const itsOwn = 'the fault is on its side; the next look tries again';

/** Why and what to do, by the name of the SDK's error. */
const advice: ReadonlyMap<string, string> = new Map([
  ['ProvisionedThroughputExceededException', throttled],
  ['ThrottlingException', throttled],
  ['Throttling', throttled],
  ['RequestLimitExceeded', throttled],
  ['TooManyRequestsException', throttled],
  [
    'ItemCollectionSizeLimitExceededException',
    'its partition is full, which only tables with a local secondary index have a limit for: give the flags a table of their own',
  ],
  ['ExpiredTokenException', credentials],
  ['ExpiredToken', credentials],
  ['UnrecognizedClientException', credentials],
  ['InvalidSignatureException', credentials],
  ['IncompleteSignatureException', credentials],
  ['IncompleteSignature', credentials],
  ['MissingAuthenticationTokenException', credentials],
  ['MissingAuthenticationToken', credentials],
  ['CredentialsProviderError', credentials],
  ['TokenProviderError', credentials],
  ['InternalServerError', itsOwn],
  ['InternalFailure', itsOwn],
  ['ServiceUnavailable', itsOwn],
  ['ServiceUnavailableException', itsOwn],
  ['TimeoutError', 'it could not be reached in time: look at the network, and at the region'],
]);

export function isConditionFailed(error: unknown): boolean {
  return propertyOf(error, 'name') === 'ConditionalCheckFailedException';
}

/** @param doing what failed, to stand after "DynamoDB could not" and before the table. */
export function dynamodbFault(error: unknown, doing: string, place: DynamodbPlace): FlagsError {
  if (isFlagsError(error)) return error;
  const name = propertyOf(error, 'name');
  const kind = typeof name === 'string' && /^[A-Za-z]{1,60}$/.test(name) ? name : 'Error';
  const why = advice.get(kind) ?? ofThisTable(kind, error, place) ?? ofTheSystem(kind, error);
  const fact = kind === 'Error' ? '' : ` (${kind})`;
  return new FlagsError(`DynamoDB could not ${doing} in the table ${place.table}${fact}: ${why}.`, {
    code: 'cache-unavailable',
  });
}

/** The command that makes a table as it must be. */
export function createTableCommand({ table, names }: DynamodbPlace): string {
  const { partitionKey, sortKey } = names;
  return [
    `aws dynamodb create-table --table-name ${table} --billing-mode PAY_PER_REQUEST`,
    `--attribute-definitions AttributeName=${partitionKey},AttributeType=S AttributeName=${sortKey},AttributeType=S`,
    `--key-schema AttributeName=${partitionKey},KeyType=HASH AttributeName=${sortKey},KeyType=RANGE`,
  ].join(' ');
}

function ofThisTable(kind: string, error: unknown, place: DynamodbPlace): string | undefined {
  if (kind === 'ResourceNotFoundException') {
    return `there is no such table in this region and account, or it is still being made. Make it by \`${createTableCommand(place)}\``;
  }
  if (kind === 'AccessDeniedException') {
    const denied = /not authorized to perform: (dynamodb:[A-Za-z]+)/.exec(wordsOf(error))?.[1];
    const lacking = denied === undefined ? '' : ` ${denied};`;
    return `the role of this process may not do this:${lacking} it needs ${dynamodbActions.join(', ')} on this table`;
  }
  if (kind === 'ValidationException' && /key|schema/i.test(wordsOf(error))) {
    const { partitionKey, sortKey } = place.names;
    return `the keys of the table are others: it must have the partition key ${partitionKey} and the sort key ${sortKey}, both strings. Name those that it has in the options partitionKey and sortKey, or make a table by \`${createTableCommand(place)}\``;
  }
  return undefined;
}

function ofTheSystem(kind: string, error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) {
    return `the connection failed with ${code}; look at the network, at the region, and at AWS_ENDPOINT_URL_DYNAMODB if it is set`;
  }
  if (wordsOf(error).startsWith('Region is missing')) {
    return 'no region is known: name it in the client or the URL (dynamodb://eu-central-1/my-table), or in AWS_REGION';
  }
  return `an error of the kind ${kind}; look at the client that was given, and at the status of the service`;
}

/** Errors of another realm the SDK wraps, and their code is left in the words alone. */
function systemCode(error: unknown): string | undefined {
  const code = propertyOf(error, 'code');
  if (typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)) return code;
  return /\b[a-z]+ (E[A-Z]{4,}|EAI_AGAIN)\b/.exec(wordsOf(error))?.[1];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
