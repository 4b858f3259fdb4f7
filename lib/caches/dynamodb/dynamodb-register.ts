/**
 * The register as one item: the value as JSON, and a version that is a new random name at each
 * write. A number would begin again in a table that was emptied, and somebody who has read the old
 * one could replace the new.
 */
import { randomUUID } from 'node:crypto';
import type { Register, RegisterEntry, RegisterValue } from '../../core/register/register.js';
import {
  emptyRegisterValue,
  registerValueFromJson,
  registerValueToJson,
} from '../../core/register/register-value.js';
import type { DynamodbTable } from './dynamodb-table.js';

const HEAD = 'head';

const names = { '#version': 'version' };

export class DynamodbRegister implements Register {
  constructor(private readonly table: DynamodbTable) {}

  /** What is not ours, or is spoilt, counts as nothing that ever happened, and is replaced. */
  async read(): Promise<RegisterEntry | undefined> {
    const item = await this.table.get(HEAD);
    const version = item?.['version']?.S;
    if (version === undefined) return undefined;
    const value = registerValueFromJson(item?.['value']?.S ?? '') ?? emptyRegisterValue;
    return { value, version };
  }

  async replace(expected: string | undefined, next: RegisterValue): Promise<boolean> {
    const version = randomUUID();
    const item = { version: { S: version }, value: { S: registerValueToJson(next) } };
    const condition =
      expected === undefined
        ? { text: 'attribute_not_exists(#version)', names }
        : { text: '#version = :expected', names, values: { ':expected': { S: expected } } };
    if (await this.table.putIf(HEAD, item, condition)) return true;
    // The SDK sends again what it has heard nothing of: the one that was quicker may be ourselves.
    return (await this.read())?.version === version;
  }
}
