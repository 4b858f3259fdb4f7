/**
 * An exposure as PostHog's own SDKs send it: the event `$feature_flag_called`. A property that is
 * not known is left out. A small event, which a project may ask for where a flag belongs to no
 * experiment, leaves out what only experiments read.
 */
import type { Exposure } from '../../core/exposure/exposure.js';

export const FLAG_CALLED = '$feature_flag_called';

export type EventProperties = Readonly<Record<string, unknown>>;

/** The properties of the event, without those that say which library sends it. */
export function flagCalledProperties(exposure: Exposure): EventProperties {
  const { key, value, origin, errors } = exposure;
  const isLocal = origin === 'local' && value !== undefined;
  return known({
    $feature_flag: key,
    $feature_flag_response: value,
    $feature_flag_id: exposure.flagId,
    // PostHog's SDKs tell no version of what was decided by definitions.
    $feature_flag_version: isLocal ? undefined : exposure.flagVersion,
    $feature_flag_reason: isLocal ? 'Evaluated locally' : reasonOf(exposure),
    locally_evaluated: isLocal,
    $feature_flag_request_id: exposure.requestId,
    $feature_flag_evaluated_at: exposure.evaluatedAt,
    $feature_flag_has_experiment: exposure.hasExperiment,
    $feature_flag_error: errors.length === 0 ? undefined : errors.join(','),
    ...(isSmall(exposure)
      ? {}
      : {
          [`$feature/${key}`]: value,
          $feature_flag_definitions_loaded_at: exposure.definitionsLoadedAt,
        }),
  });
}

/** In the server's words, as far as they are known. */
function reasonOf({ origin, reason, reasonText }: Exposure): string | undefined {
  return origin === 'fallback-cache' && reason !== 'evaluated_remotely' ? reason : reasonText;
}

/** Whatever is not said makes the event whole. */
function isSmall({ minimalEvents, hasExperiment }: Exposure): boolean {
  return minimalEvents === true && hasExperiment === false;
}

function known(properties: EventProperties): EventProperties {
  return Object.fromEntries(
    Object.entries(properties).filter(([, property]) => property !== undefined),
  );
}
