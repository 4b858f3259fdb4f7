/**
 * Bodies in Redis without a package between, for clients that are given: the app has a client
 * already and should install nothing for this. What lies in Redis is what cache-manager and Keyv
 * write (`RedisYetBodies`), so that both kinds of instances read each other.
 */
import {
  bodyFromJson,
  bodyToJson,
  type BodyStore,
  type StoredBody,
} from '../../core/cache/body-store.js';
import { STAGED_BODY_TTL_MS } from '../../core/coordination/claim-rules.js';
import { FlagsError } from '../../core/errors/flags-error.js';
import type { StagingClient } from './staging-client.js';

export class RedisBodies implements BodyStore {
  constructor(private readonly client: StagingClient) {}

  async write(key: string, body: StoredBody): Promise<void> {
    const text = JSON.stringify({ value: bodyToJson(body) });
    await this.client.set(key, text, { PX: STAGED_BODY_TTL_MS });
  }

  /** @throws FlagsError `foreign-value` for what was not written here; what the client throws. */
  async read(key: string): Promise<StoredBody | undefined> {
    const text = await this.client.get(key);
    if (text === null || text === undefined) return undefined;
    const body = typeof text === 'string' ? bodyFromJson(valueIn(text)) : undefined;
    if (body !== undefined) return body;
    throw new FlagsError(
      `What lies in Redis at ${key} is not the body of a record: it was left as it is, and the definitions in memory are kept. The next publication will have a key of its own.`,
      { code: 'foreign-value' },
    );
  }
}

/** Keyv's envelope; undefined for what is none. */
function valueIn(text: string): unknown {
  try {
    const envelope: unknown = JSON.parse(text);
    return Object(envelope) === envelope ? Reflect.get(envelope as object, 'value') : undefined;
  } catch {
    return undefined;
  }
}
