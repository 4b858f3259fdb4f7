/**
 * A stub of PostHog: the definitions with an etag, as the real one answers them, and one flag that
 * can be switched on. It counts how often it is asked.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class PostHogStub {
  readonly projectApiKey = 'phc_lambda';
  readonly secretKey = 'phs_lambda';
  /** How often the definitions were asked for, whatever was answered. */
  fetches = 0;
  isOn = false;
  private readonly server = createServer((request, response) => this.answer(request, response));

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    this.fetches += 1;
    if (request.headers.authorization !== `Bearer ${this.secretKey}`) {
      response.writeHead(401).end();
      return;
    }
    const body = JSON.stringify({ flags: [this.flag()], group_type_mapping: {}, cohorts: {} });
    const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
    const isSame = request.headers['if-none-match'] === etag;
    response.writeHead(isSame ? 304 : 200, { etag, 'content-type': 'application/json' });
    response.end(isSame ? '' : body);
  }

  private flag(): object {
    const groups = [{ properties: [], rollout_percentage: 100 }];
    return { id: 1, key: 'new-checkout', active: this.isOn, filters: { groups } };
  }
}
