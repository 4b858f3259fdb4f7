/**
 * What is needed of the AWS SDK: its commands. They can be had from nowhere but the package itself,
 * for a client only sends what is one of its commands, so it is imported when a table is opened and
 * not before; an app that gives a client has it. No type of it goes any further than this file.
 */
import { FlagsError } from '../../core/errors/flags-error.js';

/** One value as DynamoDB writes it: exactly one of these. */
export interface AttributeValue {
  readonly S?: string;
  readonly N?: string;
  readonly B?: Uint8Array;
}

export type Item = Readonly<Record<string, AttributeValue>>;

/** What limits the write of an item, and what narrows a query. */
export interface Expression {
  readonly text: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values?: Item;
}

/** Makes commands, which mean something to a client and to nobody else. */
export interface DynamodbCommands {
  get(table: string, key: Item): object;
  put(table: string, item: Item, condition?: Expression): object;
  remove(table: string, key: Item): object;
  query(table: string, keys: Expression, after: Item | undefined): object;
}

/** A client that was made here, to be ended here. */
export interface OwnDynamodbClient {
  send(command: object, options?: object): Promise<unknown>;
  destroy(): void;
}

/** @throws FlagsError `invalid-options` where the package is not installed. */
export async function dynamodbCommands(): Promise<DynamodbCommands> {
  const { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand } = await loadSdk();
  return {
    get: (TableName, Key) => new GetItemCommand({ TableName, Key: of(Key), ConsistentRead: true }),
    put: (TableName, item, condition) =>
      new PutItemCommand({
        TableName,
        Item: of(item),
        ...(condition && { ConditionExpression: condition.text, ...parametersOf(condition) }),
      }),
    remove: (TableName, Key) => new DeleteItemCommand({ TableName, Key: of(Key) }),
    query: (TableName, keys, after) =>
      new QueryCommand({
        TableName,
        KeyConditionExpression: keys.text,
        ...parametersOf(keys),
        ...(after && { ExclusiveStartKey: of(after) }),
      }),
  };
}

/**
 * A client with the SDK's own search for credentials and, without one here, for the region.
 * @throws FlagsError `invalid-options` where the package is not installed.
 */
export async function ownDynamodbClient(region: string | undefined): Promise<OwnDynamodbClient> {
  const { DynamoDBClient } = await loadSdk();
  return new DynamoDBClient(region === undefined ? {} : { region }) as OwnDynamodbClient;
}

async function loadSdk() {
  try {
    return await import('@aws-sdk/client-dynamodb');
  } catch (cause) {
    throw new FlagsError(
      'The DynamoDB cache could not be loaded, probably because a package is missing: npm install @aws-sdk/client-dynamodb.',
      { code: 'invalid-options', cause },
    );
  }
}

function parametersOf({ names, values }: Expression) {
  return {
    ExpressionAttributeNames: { ...names },
    ...(values && { ExpressionAttributeValues: of(values) }),
  };
}

/** The SDK's type of a value is a union that wants to know which one it is. */
function of(item: Item): Record<string, never> {
  return item as Record<string, never>;
}
