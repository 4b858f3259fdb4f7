/** A DynamoDB on this machine, with the table that the function needs. It counts what is asked. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';

export const tableName = 'feature-flags';

export class LocalTable {
  /** How often it was asked for anything. */
  requests = 0;
  private readonly server = dynalite({ createTableMs: 0 });

  /** @returns where it is, for AWS_ENDPOINT_URL_DYNAMODB */
  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const endpoint = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ region: 'local', endpoint, credentials });
    await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName: tableName });
    client.destroy();
    this.server.on('request', () => (this.requests += 1));
    return endpoint;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
