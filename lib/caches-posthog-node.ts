/**
 * The door `nestjs-feature-flags/caches/posthog-node`: the shared cache for whoever evaluates with
 * PostHog's own Node SDK. It loads nothing of Nest, and Redis only for a URL that names it.
 */
export { PostHogCacheProvider, createPostHogCacheProvider } from './posthog-cache-provider.js';
export type { PostHogCacheProviderOptions } from './posthog-cache-provider.js';
export type { SdkDefinitions } from './core/cache/sdk-definitions.js';
