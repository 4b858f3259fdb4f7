/** A TCP proxy that counts what a server says, and can cut its connections, or let them hang. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export class CountingProxy {
  /** Bytes from the server to its clients. */
  received = 0;
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(target: { hostname: string; port: string }): Promise<CountingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const proxy = new CountingProxy(server, address.port);
    server.on('connection', (client) => proxy.join(client, target));
    return proxy;
  }

  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connections stay, and new ones are taken, but nothing goes through until it thaws. */
  freeze(): void {
    this.isFrozen = true;
    for (const socket of this.sockets) socket.pause();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.server.close();
    this.cut();
    await once(this.server, 'close');
  }

  private join(client: Socket, { hostname, port }: { hostname: string; port: string }): void {
    const server = connect(Number(port || 6379), hostname);
    server.on('data', (data) => (this.received += data.length));
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
      if (this.isFrozen) socket.pause();
    }
  }
}
