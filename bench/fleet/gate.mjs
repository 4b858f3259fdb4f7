/**
 * A gate before Redis, one for each fleet: it counts what the server says to that fleet, and can
 * be shut, so that Redis is away for this fleet alone.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class RedisGate {
  /** Bytes from the server to the instances. */
  bytes = 0;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #server = createServer((socket) => this.#join(socket));
  #target;

  /** @param {string} url the server behind */
  constructor(url) {
    this.#target = new URL(url);
    if (this.#target.protocol !== 'redis:') {
      throw new Error(
        'The bench needs a Redis without TLS: give a REDIS_URL that begins with redis:.',
      );
    }
  }

  /** @param {string} url */
  static async before(url) {
    const gate = new RedisGate(url);
    gate.#server.listen(0, '127.0.0.1');
    await once(gate.#server, 'listening');
    return gate;
  }

  /** Where the instances connect. */
  get url() {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The gate has no port.');
    const url = new URL(this.#target.href);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.href;
  }

  /** From now on connections are refused, and those that are open are gone. */
  async shut() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** @param {import('node:net').Socket} client */
  #join(client) {
    const { hostname, port } = this.#target;
    const server = connect(Number(port || 6379), hostname);
    server.on('data', (data) => (this.bytes += data.length));
    client.setNoDelay().pipe(server.setNoDelay()).pipe(client);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
  }
}
