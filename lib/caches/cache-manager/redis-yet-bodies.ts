/**
 * Bodies in Redis through cache-manager, Keyv and cache-manager-redis-yet, on a client that is
 * given. They write what cache-manager itself would write, so that an app's own tools can read
 * it; who points to which body, and until when it lives, is decided by the scripts of the store.
 *
 * The time to live is Redis's own. Keyv would write an expiry into the value too, from the clock
 * of this machine, and delete by it what is valid by the clock of another: it is not told.
 */
import { KeyvAdapter, createCache, type Cache } from 'cache-manager';
import { redisInsStore } from 'cache-manager-redis-yet';
import { Keyv } from 'keyv';
import { STAGED_BODY_TTL_MS } from '../../core/coordination/claim-rules.js';
import {
  bodyFromJson,
  bodyToJson,
  type BodyStore,
  type StoredBody,
} from '../../core/cache/body-store.js';
import { FlagsError } from '../../core/errors/flags-error.js';

/** What the store calls of its client: no other method of a Redis client is ever used. */
export interface BodyClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options: { readonly PX: number }): Promise<unknown>;
  del(key: string): Promise<unknown>;
  exists(key: string): Promise<boolean>;
}

export class RedisYetBodies implements BodyStore {
  private readonly cache: Cache;

  constructor(private readonly client: BodyClient) {
    const store = redisInsStore(client as unknown as Parameters<typeof redisInsStore>[0], {
      ttl: STAGED_BODY_TTL_MS,
    });
    const keyv = new Keyv({
      store: new KeyvAdapter(store),
      useKeyPrefix: false,
      throwOnErrors: true,
    });
    // The store below writes JSON already.
    keyv.serialize = undefined;
    keyv.deserialize = undefined;
    keyv.on('error', () => undefined);
    this.cache = createCache({ stores: [keyv] });
  }

  async write(key: string, body: StoredBody): Promise<void> {
    await this.cache.set(key, bodyToJson(body));
  }

  /** @throws FlagsError `foreign-value` for what was not written here; what the client throws. */
  async read(key: string): Promise<StoredBody | undefined> {
    const value = await this.cache.get(key);
    if (value !== undefined) return bodyFromJson(value) ?? refuse(key);
    // cache-manager says "nothing" when reading failed, too.
    return (await this.client.exists(key)) ? refuse(key) : undefined;
  }
}

function refuse(key: string): never {
  throw new FlagsError(
    `What lies in Redis at ${key} is not the body of a record, or could not be read: it was left as it is, and the definitions in memory are kept. The next publication will have a key of its own.`,
    { code: 'foreign-value' },
  );
}
