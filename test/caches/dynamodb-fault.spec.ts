/** What a person reads when DynamoDB refuses or cannot be reached; and that no secret is in it. */
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbCache, type DynamodbClient } from '../../lib/caches-dynamodb.js';
import { dynamodbFault } from '../../lib/caches/dynamodb/dynamodb-fault.js';
import { systemClock } from '../../lib/core/time/clock.js';
import { ManualClock } from '../../lib/testing/manual-clock.js';
import { askForClaim, lead, recordOf } from '../support/claim-turns.js';
import { DynamodbServer } from '../support/dynamodb-server.js';

const place = { table: 'flags', names: { partitionKey: 'pk', sortKey: 'sk' } };
const named = (name: string, message = '') =>
  dynamodbFault(Object.assign(new Error(message), { name }), 'read', place);

let server: DynamodbServer;
beforeAll(async () => {
  server = await DynamodbServer.start();
  await server.createTable('flags');
  await server.createTable('others-keys', 'id', 'at');
});
afterAll(() => server.close());
afterEach(() => {
  server.intercept = () => undefined;
});

// Longer than the SDK tries again on a busy machine: the deadline has a test of its own.
const settings = { identity: undefined, commandTimeoutMs: 60_000, clock: systemClock };

async function failureWith(client: DynamodbClient, table = 'flags'): Promise<Error> {
  const store = await dynamodbCache(client, { table }).open(settings);
  const failure = await askForClaim(store, 'a').then(
    () => new Error('it worked'),
    (error: Error) => error,
  );
  await store.close();
  return failure;
}

describe('an error of DynamoDB', () => {
  it.each([
    ['ProvisionedThroughputExceededException', 'PAY_PER_REQUEST'],
    ['ThrottlingException', 'raise the capacity of the table'],
    ['RequestLimitExceeded', 'the next look tries again'],
    ['ItemCollectionSizeLimitExceededException', 'give the flags a table of their own'],
    ['ExpiredTokenException', 'missing, wrong or expired: look at its role'],
    ['UnrecognizedClientException', 'AWS_SECRET_ACCESS_KEY'],
    ['CredentialsProviderError', 'AWS_ACCESS_KEY_ID'],
    ['InternalServerError', 'the fault is on its side'],
    ['TimeoutError', 'could not be reached in time'],
  ])('%s is named, with what to do', (name, advice) => {
    const fault = named(name, 'arn:aws:iam::123456789012:user/geheim');
    expect(fault).toMatchObject({ code: 'cache-unavailable' });
    expect(fault.message).toMatch(
      new RegExp(`^DynamoDB could not read in the table flags \\(${name}\\): .*\\.$`),
    );
    expect(fault.message).toContain(advice);
    expect(inspect(fault, { showHidden: true })).not.toMatch(/geheim|123456789012/);
  });

  it('AccessDeniedException names the action that is lacking and all that are needed', () => {
    const words =
      'User: arn:aws:sts::123456789012:assumed-role/geheim is not authorized to perform: dynamodb:Query on resource: arn:aws:dynamodb:x:123456789012:table/flags';
    const fault = named('AccessDeniedException', words);
    expect(fault.message).toContain(
      'may not do this: dynamodb:Query; it needs dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem, dynamodb:Query on this table',
    );
    expect(inspect(fault, { showHidden: true })).not.toMatch(/geheim|123456789012/);
    expect(named('AccessDeniedException').message).toContain('may not do this: it needs');
  });

  it.each<[string, unknown, string]>([
    [
      'a refused connection',
      Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED; look',
    ],
    ['no region', new Error('Region is missing'), 'no region is known'],
    ['a new error', Object.assign(new Error('geheim'), { name: 'NewError' }), 'kind NewError'],
    ['an odd name', Object.assign(new Error(''), { name: 'user:geheim@' }), 'of the kind Error'],
    ['no error', 'geheim', 'of the kind Error'],
  ])('%s is told in words of ours', (_what, error, words) => {
    const fault = dynamodbFault(error, 'read', place);
    expect(fault.message).toContain(words);
    expect(inspect(fault, { showHidden: true })).not.toContain('geheim');
  });
});

describe('a table', () => {
  it('that is not there is told with the command that makes it', async () => {
    const { message } = await failureWith(server.client, 'not-there');
    expect(message).toContain(
      'DynamoDB could not read in the table not-there (ResourceNotFoundException): there is no such table in this region and account, or it is still being made. Make it by `aws dynamodb create-table --table-name not-there --billing-mode PAY_PER_REQUEST --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE`.',
    );
  });

  it('that has other keys is told so', async () => {
    const { message } = await failureWith(server.client, 'others-keys');
    expect(message).toContain('must have the partition key pk and the sort key sk, both strings');
  });

  it('that throttles fails the look, and the next one goes on', async () => {
    server.intercept = () => ({ error: 'ProvisionedThroughputExceededException' });
    const client = server.newClient({ maxAttempts: 1 });
    const { message } = await failureWith(client);
    client.destroy();
    expect(message).toContain('(ProvisionedThroughputExceededException): it takes no more');
    server.intercept = () => undefined;
    expect((await failureWith(server.client)).message).toBe('it worked');
  });

  it('that throttles once is asked again by the SDK, and nothing fails', async () => {
    let throttled = 0;
    server.intercept = () =>
      (throttled += 1) === 1 ? { error: 'ThrottlingException' } : undefined;
    const store = await dynamodbCache(server.client, { table: 'flags', key: 'once' }).open(
      settings,
    );
    await lead(store, 'a', recordOf('v1'));
    expect(throttled).toBeGreaterThan(1);
  });
});

describe('F26: a DynamoDB that does not answer', () => {
  it('is given up after the deadline, and the request is called off', async () => {
    const clock = new ManualClock();
    let signal: AbortSignal | undefined;
    const client: DynamodbClient = {
      send: (_command, options) => {
        signal = options?.abortSignal;
        return new Promise(() => undefined);
      },
    };
    const backend = dynamodbCache(client, { table: 'flags' });
    const store = await backend.open({ ...settings, commandTimeoutMs: 1_000, clock });
    const looked = askForClaim(store, 'a').catch((error: Error) => error);
    await clock.advance(999);
    expect(signal?.aborted).toBe(false);
    await clock.advance(1);
    expect(await looked).toMatchObject({
      code: 'deadline-exceeded',
      message: 'The DynamoDB table flags did not answer within 1000 ms.',
    });
    expect(signal?.aborted).toBe(true);
  });

  it('is told apart from one that is not there', async () => {
    const credentials = { accessKeyId: 'a', secretAccessKey: 'geheim' };
    const client = new DynamoDBClient({
      region: 'x',
      endpoint: 'http://127.0.0.1:1',
      credentials,
      maxAttempts: 1,
    });
    const failure = await failureWith(client);
    expect(failure.message).toContain('the connection failed with ECONNREFUSED');
    expect(inspect(failure, { showHidden: true, depth: 9 })).not.toContain('geheim');
    client.destroy();
  });
});
