/**
 * Records and claims in a table of DynamoDB: a register in one item, bodies and signs of life
 * beside it. DynamoDB tells no time and pushes nothing, so time is observed, and a change is found
 * at the next look.
 */
import { namespaceOf } from '../../core/cache/cache-key.js';
import type { RecordSettings } from '../../core/cache/record-backend.js';
import { RegisterRecordStore } from '../../core/register/register-record-store.js';
import { ObservedTime } from '../../core/register/register-time.js';
import { DynamodbBodies } from './dynamodb-bodies.js';
import type { DynamodbClient } from './dynamodb-client.js';
import { DynamodbMembers } from './dynamodb-members.js';
import type { DynamodbNames } from './dynamodb-names.js';
import { DynamodbRegister } from './dynamodb-register.js';
import { dynamodbCommands } from './dynamodb-sdk.js';
import { DynamodbTable } from './dynamodb-table.js';

export interface DynamodbRecordsParts {
  readonly client: DynamodbClient;
  readonly table: string;
  readonly key: string;
  readonly names: DynamodbNames;
  readonly description: string;
  readonly close?: () => void;
}

/** Each sign is a write that is paid for, and the fleet's size need not be known to the second. */
const SIGN_EVERY_MS = 60_000;

/** @throws FlagsError `invalid-options` where the SDK is not installed. */
export async function dynamodbRecords(
  parts: DynamodbRecordsParts,
  { identity, clock, commandTimeoutMs }: RecordSettings,
): Promise<RegisterRecordStore> {
  const { client, key, names, description, close } = parts;
  const commands = await dynamodbCommands();
  const namespace = namespaceOf(key, identity);
  const partition = `flags:v1:${namespace}`;
  const table = new DynamodbTable({
    client,
    commands,
    table: parts.table,
    names,
    partition,
    clock,
    commandTimeoutMs,
  });
  return new RegisterRecordStore({
    description,
    key: namespace,
    register: new DynamodbRegister(table),
    bodies: new DynamodbBodies(table),
    members: new DynamodbMembers(table, names.ttlAttribute),
    time: new ObservedTime(clock),
    clock,
    signEveryMs: SIGN_EVERY_MS,
    ...(close === undefined ? {} : { close }),
  });
}
