/** The client of an app, told by its method: none is imported, and none of another copy is refused. */
import { hasMethod } from '../../core/given/given-value.js';

/**
 * A `DynamoDBClient` of `@aws-sdk/client-dynamodb`, version 3: what is used of it.
 * @publicApi
 */
export interface DynamodbClient {
  send(command: never, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** What is wrong with a client; undefined when it can be used. */
export function faultOfClient(client: unknown): string | undefined {
  if (hasMethod(client, 'send')) return undefined;
  return `got ${nameOf(client)}, expected a DynamoDBClient of @aws-sdk/client-dynamodb (version 3), with the method send.`;
}

function nameOf(client: unknown): string {
  if (client === null || client === undefined) return String(client);
  if (hasMethod(client, 'then')) return 'a promise (await the client first)';
  if (typeof client === 'function') return 'a function or a class (pass the client itself)';
  if (hasMethod(client, 'makeRequest')) return 'a client of version 2 of the SDK';
  return `a value of the kind ${typeof client}`;
}
