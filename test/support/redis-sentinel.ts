/** A primary, a replica, and a Sentinel that makes the replica primary when the primary dies. */
import { eventually } from '../setup/free-port.mjs';
import { RedisServer } from './redis-server.js';

const NAME = 'flags';

export class RedisSentinel {
  readonly name = NAME;

  private constructor(
    readonly primary: RedisServer,
    readonly replica: RedisServer,
    readonly sentinel: RedisServer,
  ) {}

  static async start(): Promise<RedisSentinel> {
    const primary = await RedisServer.start();
    const replica = await RedisServer.start({
      args: ['--replicaof', '127.0.0.1', `${primary.port}`, '--repl-diskless-sync-delay', '0'],
    });
    const sentinel = await RedisServer.start({
      config: [
        `sentinel monitor ${NAME} 127.0.0.1 ${primary.port} 1`,
        // Longer than a busy machine keeps a primary from answering that is well.
        `sentinel down-after-milliseconds ${NAME} 3000`,
        `sentinel failover-timeout ${NAME} 3000`,
      ],
      args: ['--sentinel'],
    });
    const whole = new RedisSentinel(primary, replica, sentinel);
    if (await eventually(() => whole.knowsReplica())) return whole;
    await whole.stop();
    throw new Error('Sentinel did not find the replica');
  }

  /** Kills the primary, and waits until the replica has taken over. */
  async failOver(): Promise<void> {
    await this.primary.kill();
    // Whoever is connected while it is promoted is disconnected: that is asked again.
    const hasTakenOver = (): Promise<boolean> =>
      this.replica.run(['ROLE']).then(
        (role) => String(role).startsWith('master'),
        () => false,
      );
    if (!(await eventually(hasTakenOver))) throw new Error('nobody took over');
  }

  async stop(): Promise<void> {
    await Promise.all([this.sentinel.stop(), this.replica.stop(), this.primary.stop()]);
  }

  private async knowsReplica(): Promise<boolean> {
    const info = String(await this.sentinel.run(['INFO', 'sentinel']));
    const isLinked = String(await this.replica.run(['ROLE'])).includes('connected');
    return isLinked && /status=ok.*slaves=1/.test(info);
  }
}
