/**
 * What tells the definitions of one PostHog project from those of another in a cache that both
 * use. Whoever shares a cache has to come to the same: the Nest module by its source, and a
 * `posthog-node` client by its cache provider.
 */
import { createHash } from 'node:crypto';

/** A digest of host and project, no secret. @param host as `resolveHost` gives it. */
export function projectIdentity(host: string, projectApiKey: string): string {
  return createHash('sha256').update(`${host} ${projectApiKey}`).digest('hex').slice(0, 16);
}
