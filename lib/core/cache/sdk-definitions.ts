/**
 * Definitions as `posthog-node` wants them from a cache provider: both spellings of the fields that
 * have two, and `cohorts` always there, for without it every evaluation of that client rejects.
 */

/**
 * Typed so that every version of `posthog-node` takes it, whatever it says of a flag: the entries
 * are what PostHog sent, and nobody else should read them here.
 * @publicApi
 */
export interface SdkDefinitions {
  flags: never[];
  group_type_mapping: Record<string, string>;
  groupTypeMapping: Record<string, string>;
  cohorts: Record<string, never>;
  minimal_flag_called_events?: boolean;
  minimalFlagCalledEvents?: boolean;
  property_matching_version?: number;
  propertyMatchingVersion?: number;
}
