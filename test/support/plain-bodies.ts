/** Bodies in Redis without cache-manager between, and able to lose a write. */
import {
  bodyFromJson,
  bodyToJson,
  type BodyStore,
  type StoredBody,
} from '../../lib/core/cache/body-store.js';
import type { RedisCommands } from '../../lib/caches/redis/redis-commands.js';

export class PlainBodies implements BodyStore {
  /** While true, a write is answered and not done. */
  losesWrites = false;

  constructor(private readonly commands: RedisCommands) {}

  async write(key: string, body: StoredBody): Promise<void> {
    if (this.losesWrites) return;
    const value = JSON.stringify({ value: bodyToJson(body) });
    await this.commands.send(key, ['SET', key, value, 'PX', '3600000', 'NX']);
  }

  async read(key: string): Promise<StoredBody | undefined> {
    const text = await this.commands.send(key, ['GET', key]);
    if (typeof text !== 'string') return undefined;
    return bodyFromJson((JSON.parse(text) as { value: unknown }).value);
  }
}
