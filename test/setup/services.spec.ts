/** The real services that the suite needs are really there, and do not outlive it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from 'redis';

describe('the Redis of the suite', () => {
  const client = createClient({ url: process.env['TEST_REDIS_URL'] });
  beforeAll(() => client.connect());
  afterAll(() => client.disconnect());

  it('answers PING', async () => {
    await expect(client.ping()).resolves.toBe('PONG');
  });
});
