/**
 * One cache's share of a table: the items of one partition, by their sort keys. Every command has a
 * deadline and is called off when it has passed; every failure is named. What was sent may still be
 * carried out, so each write is conditional, or of something that only one instance writes.
 */
import { withDeadline } from '../../core/time/deadline.js';
import type { Clock } from '../../core/time/clock.js';
import { propertyOf } from '../../core/given/given-value.js';
import type { DynamodbClient } from './dynamodb-client.js';
import { dynamodbFault, isConditionFailed, type DynamodbPlace } from './dynamodb-fault.js';
import type { DynamodbNames } from './dynamodb-names.js';
import type { DynamodbCommands, Expression, Item } from './dynamodb-sdk.js';

export interface DynamodbTableParts {
  readonly client: DynamodbClient;
  readonly commands: DynamodbCommands;
  readonly table: string;
  readonly names: DynamodbNames;
  /** The value of the partition key of everything that is written here. */
  readonly partition: string;
  readonly clock: Clock;
  readonly commandTimeoutMs: number;
}

/** As many commands of one piece of work run at a time; the SDK has 50 connections. */
const MOST_AT_ONCE = 8;

export class DynamodbTable {
  private readonly place: DynamodbPlace;

  constructor(private readonly parts: DynamodbTableParts) {
    const { table, names } = parts;
    this.place = { table, names };
  }

  /** What lies there now, and not a moment ago. */
  async get(sortKey: string): Promise<Item | undefined> {
    const { commands, table } = this.parts;
    const reply = await this.send('read', commands.get(table, this.keyOf(sortKey)));
    return propertyOf(reply, 'Item') as Item | undefined;
  }

  async put(sortKey: string, attributes: Item): Promise<void> {
    const { commands, table } = this.parts;
    const item = { ...attributes, ...this.keyOf(sortKey) };
    await this.send('write', commands.put(table, item));
  }

  /** @returns false, changing nothing, when the condition does not hold. */
  async putIf(sortKey: string, attributes: Item, condition: Expression): Promise<boolean> {
    const { commands, table } = this.parts;
    const item = { ...attributes, ...this.keyOf(sortKey) };
    try {
      await this.send('write', commands.put(table, item, condition));
      return true;
    } catch (error) {
      if (isConditionFailed(error)) return false;
      throw error;
    }
  }

  async remove(sortKey: string): Promise<void> {
    const { commands, table } = this.parts;
    await this.send('delete', commands.remove(table, this.keyOf(sortKey)));
  }

  /** All items whose sort key begins so; what was written a moment ago may be missing. */
  async all(prefix: string): Promise<readonly Item[]> {
    const { commands, table, partition, names } = this.parts;
    const keys = {
      text: '#pk = :pk AND begins_with(#sk, :prefix)',
      names: { '#pk': names.partitionKey, '#sk': names.sortKey },
      values: { ':pk': { S: partition }, ':prefix': { S: prefix } },
    };
    const items: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await this.send('list', commands.query(table, keys, after));
      items.push(...((propertyOf(page, 'Items') ?? []) as readonly Item[]));
      after = propertyOf(page, 'LastEvaluatedKey') as Item | undefined;
    } while (after !== undefined);
    return items;
  }

  /** What follows the prefix in the sort key of an item. */
  nameOf(item: Item, prefix: string): string {
    return (item[this.parts.names.sortKey]?.S ?? '').slice(prefix.length);
  }

  /** Runs the work for each, some at a time, and gives the results in order. */
  async each<T, R>(values: readonly T[], work: (value: T) => Promise<R>): Promise<R[]> {
    const results: R[] = [];
    for (let from = 0; from < values.length; from += MOST_AT_ONCE) {
      const some = values.slice(from, from + MOST_AT_ONCE);
      results.push(...(await Promise.all(some.map((value) => work(value)))));
    }
    return results;
  }

  private keyOf(sortKey: string): Item {
    const { partition, names } = this.parts;
    return { [names.partitionKey]: { S: partition }, [names.sortKey]: { S: sortKey } };
  }

  private async send(doing: string, command: object): Promise<unknown> {
    const { client, clock, commandTimeoutMs: ms, table } = this.parts;
    const given = new AbortController();
    const deadline = { clock, ms, what: `The DynamoDB table ${table}` };
    try {
      return await withDeadline(deadline, () =>
        client.send(command as never, { abortSignal: given.signal }),
      );
    } catch (error) {
      if (isConditionFailed(error)) throw error;
      throw dynamodbFault(error, doing, this.place);
    } finally {
      // After an answer this does nothing.
      given.abort();
    }
  }
}
