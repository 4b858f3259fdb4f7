/** What is wrong with a client, an option or a URL is told at start, with all other mistakes. */
import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { DynamoDB, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbCache, type DynamodbClient } from '../../lib/caches-dynamodb.js';
import { parseDynamodbUrl } from '../../lib/caches/dynamodb/dynamodb-url.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { MutableSource } from '../support/mutable-source.js';

const source = new MutableSource();
const table = 'flags';
const usable: DynamodbClient = { send: async () => ({}) };

function mistakesOf(cache: unknown): string {
  try {
    resolveOptions({ source, cache });
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

const given = (client: unknown, options: object | undefined = { table }) =>
  dynamodbCache(client as DynamodbClient, options as { table: string });

describe('dynamodbCache', () => {
  it.each([
    ['undefined', undefined, 'got undefined, expected a DynamoDBClient'],
    ['a URL', 'dynamodb://user:geheim@x/y', 'got a value of the kind string'],
    ['a promise', Promise.resolve(usable), 'got a promise (await the client first)'],
    ['a class', DynamoDBClient, 'got a function or a class (pass the client itself)'],
    ['a client of version 2', { makeRequest: () => null }, 'got a client of version 2 of the SDK'],
  ])('given %s is a mistake, told at start', (_what, client, expected) => {
    const message = mistakesOf(given(client));
    expect(message).toContain(`1. cache: dynamodbCache ${expected}`);
    expect(message).not.toContain('geheim');
  });

  it('takes the clients of the SDK, by their types, too', () => {
    for (const client of [new DynamoDBClient({}), new DynamoDB({})]) {
      expect(mistakesOf(dynamodbCache(client, { table }))).toBe('');
    }
  });

  it('tells every mistake at once', () => {
    const options = { table: 'a b', key: 'a b', sortKey: 'version', ttlAttribute: 'pk', region: 1 };
    const message = mistakesOf(given(undefined, options));
    for (const words of [
      'dynamodbCache has no option region. There are table, key, partitionKey, sortKey, ttlAttribute.',
      'the option table of dynamodbCache must be the name of a table',
      'the option key of dynamodbCache must have 1 to 100',
      'the option sortKey of dynamodbCache must be the name of an attribute',
      'the options partitionKey, sortKey, ttlAttribute of dynamodbCache must differ.',
      'dynamodbCache got undefined',
    ]) {
      expect(message).toContain(words);
    }
    expect(mistakesOf(given(usable, {}))).toContain('the option table of dynamodbCache');
    expect(mistakesOf(dynamodbCache(usable, undefined as never))).toContain('the option table');
  });

  it('is not opened with a mistake, not even by who does not ask for them', async () => {
    const settings = { identity: undefined, commandTimeoutMs: 10, clock: systemClock };
    await expect(given(undefined).open(settings)).rejects.toThrow('dynamodbCache got undefined');
  });
});

describe('a DynamoDB URL', () => {
  it.each([
    [
      'dynamodb://eu-central-1/my-table?key=shop',
      { region: 'eu-central-1', table: 'my-table', key: 'shop' },
    ],
    ['dynamodb://us-gov-west-1/My_Table.2', { table: 'My_Table.2', key: 'default' }],
    ['dynamodb:///flags', { region: undefined, description: 'dynamodb:///flags' }],
    ['dynamodb://x-1/flags?key=a', { description: 'dynamodb://x-1/flags' }],
  ])('%s is read', (url, expected) => {
    expect(parseDynamodbUrl(url)).toMatchObject(expected);
    expect(mistakesOf(url)).toBe('');
  });

  it.each([
    ['dynamodb:flags', 'cannot be read'],
    ['dynamodb://eu-central-1', 'cannot be read'],
    ['dynamodb://eu-central-1/', 'cannot be read'],
    ['dynamodb://eu-central-1/geheim/two', 'cannot be read'],
    ['dynamodb://localhost:8000/flags', 'named by AWS_ENDPOINT_URL_DYNAMODB'],
    ['dynamodb://AKIA:geheim@eu-central-1/flags', 'has a user or a password in it'],
    ['dynamodb://eu-central-1/flags?interop=posthog', 'does not exist: interop. It may have: key.'],
    ['dynamodb://eu-central-1/flags?key=a b', 'The parameter key of the cache URL must have'],
  ])('%s is refused without being repeated', (url, expected) => {
    const message = mistakesOf(url);
    expect(message).toContain(expected);
    expect(inspect(message)).not.toMatch(/geheim|AKIA/);
  });
});
