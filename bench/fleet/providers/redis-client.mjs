/**
 * The client under the examples. With node-redis's own defaults a command that finds no
 * connection waits for one: posthog-node, which sets no deadline, would then stop to poll
 * altogether. The kinder setting is used, where such a command fails at once.
 */
import { createClient } from 'redis';

/** @param {string} url */
export async function openClient(url) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined); // without a listener the process would end with Redis
  await client.connect();
  return client;
}
