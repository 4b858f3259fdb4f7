/**
 * A child process with instances in it, as its parent sees it: what it tells comes over a socket,
 * what it is told goes the same way, and signals go to its real process. It is tethered: nothing
 * of it outlives the test, frozen or not.
 */
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startTethered } from '../setup/tethered-process.mjs';
import type { InstanceFact, ProcessFact } from './told.js';

/** What an instance is started with; read by `child/instances.mjs`. */
export interface InstanceSpec {
  readonly name: string;
  readonly kind: 'nest' | 'posthog-node';
  readonly cacheUrl: string;
  readonly source: {
    readonly host: string;
    readonly projectApiKey: string;
    readonly secretKey: string;
  };
  readonly polling: {
    readonly intervalMs: number;
    readonly checkMs: number;
    readonly jitter: number;
  };
  readonly cacheTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Undefined: the URL and the lease of the product. */
  readonly leaseMs?: number;
  readonly evaluateEveryMs: number;
  /** Ends on signals by Nest's own hooks; only where a process has one instance. */
  readonly shutdownHooks: boolean;
}

export interface ProcessListener {
  told(fact: (InstanceFact | ProcessFact) & { readonly at: number }, from: InstanceProcess): void;
  ended(process: InstanceProcess): void;
}

const PROGRAM = join(process.cwd(), 'test', 'fleet', 'child', 'instances.mjs');

export class InstanceProcess {
  readonly instances: string[] = [];
  isAlive = true;
  isStopped = false;
  private pid = 0;
  private readonly ended: Promise<void>;

  private constructor(
    private readonly server: Server,
    private readonly socket: Socket,
    private readonly tether: ReturnType<typeof startTethered>,
    private readonly listener: ProcessListener,
  ) {
    const lines = createInterface({ input: socket });
    const hello = new Promise<void>((resolve) => {
      lines.on('line', (line) => {
        const fact = JSON.parse(line) as Parameters<ProcessListener['told']>[0];
        if (fact.type === 'hello') this.pid = fact.pid;
        if (fact.type === 'hello') resolve();
        listener.told(fact, this);
      });
    });
    this.ready = hello;
    this.ended = once(socket, 'close').then(() => {
      this.isAlive = false;
      listener.ended(this);
    });
    socket.on('error', () => undefined);
  }

  private readonly ready: Promise<void>;

  static async start(listener: ProcessListener): Promise<InstanceProcess> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'flags-fleet-'));
    const tether = startTethered({
      command: process.execPath,
      args: ['--expose-gc', PROGRAM, `${port}`],
      folder,
      signal: 'KILL',
    });
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const gaveUp = AbortSignal.timeout(60_000);
    const tooLate = once(gaveUp, 'abort').then((): never => {
      throw new Error(`A process of the fleet did not start:\n${tether.output()}`);
    });
    const [socket] = await Promise.race([connected, tooLate]);
    const child = new InstanceProcess(server, socket, tether, listener);
    await child.ready;
    return child;
  }

  /** All that it printed: nothing, if all is well. */
  get output(): string {
    return this.tether.output();
  }

  startInstance(spec: InstanceSpec): void {
    this.instances.push(spec.name);
    this.order({ command: 'start', ...spec });
  }

  order(command: { readonly command: string; readonly [fact: string]: unknown }): void {
    this.socket.write(`${JSON.stringify(command)}\n`);
  }

  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' | 'SIGTERM'): void {
    if (!this.isAlive || this.pid === 0) return;
    if (signal === 'SIGSTOP') this.isStopped = true;
    if (signal === 'SIGCONT') this.isStopped = false;
    process.kill(this.pid, signal);
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.ended;
  }

  async stop(): Promise<void> {
    await this.tether.stop();
    this.socket.destroy();
    this.server.close();
    await this.ended;
  }
}
