/**
 * What lies in a register keeps the contracts of record, claim and lease stores: a folder, a
 * memory that threads share, a table of DynamoDB. Time is in the hand of the suite, for all of them
 * count by the clock that they are given.
 */
import { afterAll, beforeAll } from '@jest/globals';
import { describeClaimStore, describeLeaseStore, describeRecordStore } from '../../lib/testing.js';
import { DynamodbServer } from '../support/dynamodb-server.js';
import { HeldClock } from '../support/held-clock.js';
import { dynamodbPlace, filePlace, sharedMemoryPlace, timeOf } from '../support/register-places.js';

const table = 'flags';
let server: DynamodbServer;
beforeAll(async () => {
  server = await DynamodbServer.start();
  await server.createTable(table);
});
afterAll(() => server.close());

const patienceMs = 120_000;
const noServer = {
  stopServer: 'there is none',
  startServer: 'there is none',
};
/** The comparison with the rules needs it. */
const uncompared = {
  nowMs: 'signs of life are written now and then, so members are not those of the rules',
};
const unseenLoss = {
  seenLoss: 'a look reads the head alone, which has a price: who reads a body in vain leaves word',
};

function inAFolder() {
  const clock = new HeldClock();
  return { ...filePlace(clock), ...timeOf(clock) };
}
describeRecordStore('in a folder', inAFolder, { lacks: noServer, patienceMs });
describeClaimStore('in a folder', inAFolder, { lacks: { ...noServer, ...uncompared }, patienceMs });
describeLeaseStore('in a folder', inAFolder, { lacks: noServer, patienceMs });

function inSharedMemory() {
  const clock = new HeldClock();
  return { ...sharedMemoryPlace(clock), ...timeOf(clock) };
}
const sharedMemoryLacks = { ...noServer, spoil: 'nobody else writes there' };
describeRecordStore('in shared memory', inSharedMemory, { lacks: sharedMemoryLacks, patienceMs });
describeClaimStore('in shared memory', inSharedMemory, {
  lacks: { ...sharedMemoryLacks, ...uncompared },
  patienceMs,
});
describeLeaseStore('in shared memory', inSharedMemory, { lacks: noServer, patienceMs });

function inDynamodb() {
  const clock = new HeldClock();
  const { advanceMs } = timeOf(clock);
  return { ...dynamodbPlace(server, table, clock), advanceMs };
}
const dynamodbLacks = {
  push: 'DynamoDB tells nobody of a change',
  setClockBackMs: 'the place has no clock, time is observed',
};
describeRecordStore('in DynamoDB', inDynamodb, { lacks: dynamodbLacks, patienceMs });
describeClaimStore('in DynamoDB', inDynamodb, {
  lacks: { ...dynamodbLacks, ...uncompared, ...unseenLoss },
  patienceMs,
});
describeLeaseStore('in DynamoDB', inDynamodb, { lacks: dynamodbLacks, patienceMs });
