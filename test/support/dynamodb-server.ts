/**
 * A DynamoDB in this process: dynalite, which keeps conditions and limits to the letter, behind a
 * listener of ours that counts what is asked and can answer in its place. What it cannot show is
 * time to live and a read that comes too early: nothing here is ever deleted by itself, or stale.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  ScanCommand,
  paginateQuery,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { planted } from './planted.js';

/** How one request is answered; undefined: properly. */
export interface DynamodbFault {
  /** The name of AWS's error, answered with 400 unless `status` says otherwise. */
  readonly error?: string;
  readonly message?: string;
  readonly status?: number;
  /** `silence`: never answered. `carried-out`: done, and then the connection is cut. */
  readonly fault?: 'silence' | 'carried-out';
}

export class DynamodbServer {
  /** Answers in place of the server, by the operation, e.g. `PutItem`. */
  intercept: (operation: string) => DynamodbFault | undefined = () => undefined;
  /** Operations, in order. */
  readonly asked: string[] = [];
  readonly client: DynamoDBClient;

  private constructor(
    private readonly server: Server,
    private readonly store: Server,
  ) {
    server.on('request', (request, response) => this.answer(request, response));
    this.client = this.newClient();
  }

  static async start(): Promise<DynamodbServer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new DynamodbServer(server, dynalite({ createTableMs: 0 }));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  newClient(options: DynamoDBClientConfig = {}): DynamoDBClient {
    return new DynamoDBClient({
      ...options,
      region: 'eu-central-1',
      endpoint: this.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: planted.password },
    });
  }

  async createTable(table: string, partitionKey = 'pk', sortKey = 'sk'): Promise<void> {
    const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
    const { client } = this;
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [attribute(partitionKey), attribute(sortKey)],
        KeySchema: [
          { AttributeName: partitionKey, KeyType: 'HASH' },
          { AttributeName: sortKey, KeyType: 'RANGE' },
        ],
      }),
    );
    const status = async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
      return Table?.TableStatus;
    };
    while ((await status()) !== 'ACTIVE');
    this.asked.length = 0;
  }

  /** The items of a partition, by their sort keys. */
  async items(
    table: string,
    partition: string,
  ): Promise<Map<string, Record<string, AttributeValue>>> {
    const pages = paginateQuery(
      { client: this.client },
      {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: partition } },
      },
    );
    const items = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return new Map(items.map((item) => [item['sk']?.S ?? '', item]));
  }

  /** The caches that lie there. */
  async partitions(table: string): Promise<string[]> {
    const scan = new ScanCommand({ TableName: table, ProjectionExpression: 'pk' });
    const { Items = [] } = await this.client.send(scan);
    return [...new Set(Items.map(({ pk }) => pk?.S ?? ''))];
  }

  async put(table: string, Item: Record<string, AttributeValue>): Promise<void> {
    await this.client.send(new PutItemCommand({ TableName: table, Item }));
  }

  async remove(table: string, partition: string, sortKey: string): Promise<void> {
    const Key = { pk: { S: partition }, sk: { S: sortKey } };
    await this.client.send(new DeleteItemCommand({ TableName: table, Key }));
  }

  async close(): Promise<void> {
    this.client.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    this.asked.push(operation);
    const found = this.intercept(operation);
    if (found?.fault === 'silence') return;
    if (found?.fault === 'carried-out')
      response.write = response.end = () => {
        request.socket.destroy();
        return response as never;
      };
    if (found?.error === undefined) {
      this.store.emit('request', request, response);
      return;
    }
    const { error, message = 'Said by the test.', status = 400 } = found;
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${error}`, message }));
  }
}
