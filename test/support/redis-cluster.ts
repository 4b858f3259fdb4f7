/**
 * A Redis Cluster of three primaries, each with a third of the slots. A node that is killed takes
 * only its own slots away, and has them again, empty, when it is launched again.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort } from '../setup/free-port.mjs';
import { RedisServer } from './redis-server.js';

const SLOTS = [
  ['0', '5460'],
  ['5461', '10922'],
  ['10923', '16383'],
] as const;

export class RedisCluster {
  private constructor(
    readonly nodes: readonly RedisServer[],
    /** What the nodes know of each other, which outlives them. */
    private readonly folder: string,
  ) {}

  static async start(): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    const folder = mkdtempSync(join(tmpdir(), 'flags-cluster-'));
    const busPorts: string[] = [];
    for (const slots of SLOTS) {
      const busPort = `${await freePort()}`;
      const args = ['--cluster-enabled', 'yes', '--cluster-port', busPort];
      args.push('--cluster-config-file', join(folder, `${nodes.length}.conf`));
      args.push('--cluster-require-full-coverage', 'no', '--cluster-node-timeout', '2000');
      const node = await RedisServer.start({ args });
      await node.run(['CLUSTER', 'ADDSLOTSRANGE', ...slots]);
      nodes.push(node);
      busPorts.push(busPort);
    }
    const cluster = new RedisCluster(nodes, folder);
    const [first, ...others] = nodes;
    for (const [index, node] of others.entries()) {
      const busPort = busPorts[index + 1] ?? '';
      await first?.run(['CLUSTER', 'MEET', '127.0.0.1', `${node.port}`, busPort]);
    }
    if (await eventually(() => cluster.isComplete())) return cluster;
    await cluster.stop();
    throw new Error('the cluster did not come together');
  }

  get urls(): string[] {
    return this.nodes.map((node) => node.url());
  }

  /** Which of the nodes has the key's slot. */
  async ownerOf(key: string): Promise<RedisServer> {
    const slot = Number(await this.nodes[0]?.run(['CLUSTER', 'KEYSLOT', key]));
    const index = SLOTS.findIndex(([, last]) => slot <= Number(last));
    const owner = this.nodes[index];
    if (owner === undefined) throw new Error(`nobody has the slot ${slot}`);
    return owner;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Each node knows the others and whose each slot is; a client believes whom it asks first. */
  private async isComplete(): Promise<boolean> {
    const infos = await Promise.all(this.nodes.map((node) => node.run(['CLUSTER', 'INFO'])));
    const expected = ['cluster_state:ok', 'cluster_known_nodes:3', 'cluster_slots_assigned:16384'];
    return infos.every((info) => expected.every((fact) => String(info).includes(fact)));
  }
}
