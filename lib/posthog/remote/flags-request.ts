/**
 * The body of `POST {host}/flags/?v=2`, as posthog-node sends it: what the caller knows of the
 * person and nothing that we add for local evaluation, save the key of each group.
 */
import type { EvaluationContext } from '../../core/evaluation/evaluation-context.js';
import type { RemoteQuestion } from '../../core/remote/remote-evaluator.js';

export interface FlagsRequestFacts {
  readonly projectApiKey: string;
  readonly geoip: boolean;
  readonly evaluationContexts: readonly string[] | undefined;
}

/**
 * JSON text.
 * @throws TypeError for a context that JSON cannot carry.
 */
export function flagsRequestBody(
  { context, keys }: RemoteQuestion,
  { projectApiKey, geoip, evaluationContexts }: FlagsRequestFacts,
): string {
  const { distinctId, personProperties = {}, groups = {} } = context;
  const deviceId = personProperties['$device_id'];
  return JSON.stringify({
    token: projectApiKey,
    distinct_id: distinctId,
    groups,
    person_properties: personProperties,
    group_properties: groupPropertiesOf(context),
    geoip_disable: !geoip,
    // Without it PostHog guesses from the user agent, and may leave out flags for servers.
    evaluation_runtime: 'server',
    ...(deviceId ? { $device_id: deviceId } : {}),
    ...(keys === undefined ? {} : { flag_keys_to_evaluate: keys }),
    ...(evaluationContexts === undefined ? {} : { evaluation_contexts: evaluationContexts }),
  });
}

/** Of the groups that are passed, each with its key. */
function groupPropertiesOf({ groups = {}, groupProperties = {} }: EvaluationContext): object {
  return Object.fromEntries(
    Object.entries(groups).map(([type, key]) => {
      const given = Object.hasOwn(groupProperties, type) ? groupProperties[type] : undefined;
      return [type, { $group_key: key, ...given }];
    }),
  );
}
