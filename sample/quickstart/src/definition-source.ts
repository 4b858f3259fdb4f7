/**
 * Where the flags come from. Two environment variables turn the file into a PostHog project;
 * nothing else in this app knows the difference.
 */
import { resolve } from 'node:path';
import type { ConfigService } from '@nestjs/config';
import {
  type DefinitionSource,
  FileDefinitionSource,
  PostHogDefinitionSource,
} from 'nestjs-feature-flags';

const ownFile = resolve(import.meta.dirname, '..', 'flags.json');

/** Whether the definitions come from PostHog. One key of two counts: the other one is a mistake. */
export function usesPostHog(config: ConfigService): boolean {
  return Boolean(config.get('POSTHOG_PROJECT_API_KEY') ?? config.get('POSTHOG_SECRET_KEY'));
}

export function definitionSource(config: ConfigService): DefinitionSource {
  if (usesPostHog(config)) {
    return new PostHogDefinitionSource({
      host: config.get<string>('POSTHOG_HOST'),
      projectApiKey: config.get<string>('POSTHOG_PROJECT_API_KEY', ''),
      secretKey: config.get<string>('POSTHOG_SECRET_KEY', ''),
    });
  }
  return new FileDefinitionSource(resolve(config.get<string>('FLAGS_FILE', ownFile)));
}
