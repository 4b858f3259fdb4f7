/**
 * A TCP proxy in front of a store for one instance: it can be late, refuse, reset, and keep back
 * what a connection sends from a certain command on, also beyond the death of who sent it.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Knows a command by its bytes on the wire. */
export type CommandMark = (data: Buffer) => boolean;

interface Ambush {
  readonly mark: CommandMark;
  readonly onHeld: () => void;
}

export class StoreProxy {
  /** Of every packet, in both directions. */
  latencyMs = 0;
  private isRefusing = false;
  private ambush: Ambush | undefined;
  private held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: number,
    private readonly onPort: (port: number) => void,
  ) {}

  /** @param onPort told each port from which the proxy speaks to the store */
  static async before(target: number, onPort: (port: number) => void): Promise<StoreProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new StoreProxy(server, target, onPort);
    server.on('connection', (client) => proxy.join(client));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  refuse(): void {
    this.isRefusing = true;
    this.cut();
  }

  accept(): void {
    this.isRefusing = false;
  }

  /** From the next command so marked on, its connection says nothing until `release`. */
  holdAt(mark: CommandMark, onHeld: () => void): void {
    this.ambush = { mark, onHeld };
  }

  /** Sends what was held back, were its sender dead. */
  release(): void {
    this.ambush = undefined;
    for (const send of this.held.splice(0)) send();
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    if (this.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.target, '127.0.0.1', () => {
      if (server.localPort !== undefined) this.onPort(server.localPort);
    });
    let isHeld = false;
    const toServer = this.delayed(server);
    const toClient = this.delayed(client);
    client.on('data', (data) => {
      if (this.springs(data)) isHeld = true;
      if (!isHeld) return toServer(data);
      this.held.push(() => {
        isHeld = false;
        toServer(data);
      });
    });
    server.on('data', toClient);
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.on('close', () => {
      // What is held back outlives its sender: it is on the way already.
      if (isHeld) this.held.push(() => server.end());
      else server.end();
    });
    server.on('close', () => client.destroy());
  }

  private springs(data: Buffer): boolean {
    const { ambush } = this;
    if (ambush === undefined || !ambush.mark(data)) return false;
    this.ambush = undefined;
    ambush.onHeld();
    return true;
  }

  /** In order, whatever becomes of the latency meanwhile. */
  private delayed(to: Socket): (data: Buffer) => void {
    let lastAt = 0;
    const waiting: Buffer[] = [];
    const write = (data: Buffer | undefined): void => {
      if (data !== undefined && to.writable) to.write(data);
    };
    return (data) => {
      const now = performance.now();
      lastAt = Math.max(lastAt, now + this.latencyMs);
      if (waiting.length === 0 && lastAt <= now) return write(data);
      waiting.push(data);
      setTimeout(() => write(waiting.shift()), lastAt - now);
    };
  }
}
