/**
 * What `/flags` answers, in both generations of its form: since version 2 an object for each flag
 * with its reason; before, a map of values and one of payloads. It is read with suspicion: what
 * is no answer is refused as a whole, a flag that is none is left out and makes it incomplete.
 */
import { parsePayload } from '../../core/evaluation/payload.js';
import type { DecidedReason, FlagValue } from '../../core/evaluation/flag-evaluation.js';
import type { RemoteAnswer, RemoteFlag } from '../../core/remote/remote-evaluator.js';

export type ReadAnswer =
  | { readonly ok: true; readonly answer: RemoteAnswer & { readonly kind: 'flags' } }
  /** `quota`: the project may ask no more; `form`: something else than PostHog has answered. */
  | { readonly ok: false; readonly why: 'quota' | 'form' };

type Json = Readonly<Record<string, unknown>>;

export function readFlagsAnswer(body: unknown): ReadAnswer {
  if (!isObject(body)) return { ok: false, why: 'form' };
  const limited: unknown = body['quotaLimited'] ?? body['quota_limited'];
  if (Array.isArray(limited) && limited.includes('feature_flags')) {
    return { ok: false, why: 'quota' };
  }
  const read = flagsIn(body);
  if (read === undefined) return { ok: false, why: 'form' };
  const { requestId, evaluatedAt, minimalFlagCalledEvents: minimal } = body;
  const isComplete = body['errorsWhileComputingFlags'] !== true && read.isComplete;
  const answer = {
    kind: 'flags',
    flags: read.flags,
    isComplete,
    ...(typeof requestId === 'string' && { requestId }),
    ...(typeof evaluatedAt === 'number' && { evaluatedAt }),
    ...(typeof minimal === 'boolean' && { minimalEvents: minimal }),
  } as const;
  return { ok: true, answer };
}

interface ReadFlags {
  readonly flags: ReadonlyMap<string, RemoteFlag>;
  readonly isComplete: boolean;
}

function flagsIn(body: Json): ReadFlags | undefined {
  const { flags, featureFlags, featureFlagPayloads } = body;
  if (flags !== undefined) return isObject(flags) ? flagsOfVersion2(flags) : undefined;
  if (!isObject(featureFlags)) return undefined;
  return earlierFlags(featureFlags, isObject(featureFlagPayloads) ? featureFlagPayloads : {});
}

function flagsOfVersion2(flags: Json): ReadFlags {
  const good = new Map<string, RemoteFlag>();
  const names = Object.keys(flags);
  for (const key of names) {
    const flag = flags[key];
    // One that could not be computed would read as off.
    if (!isObject(flag) || flag['failed'] === true) continue;
    const value = valueOf(flag['variant'] ?? flag['enabled']);
    if (value === undefined) continue;
    const reason = isObject(flag['reason']) ? flag['reason'] : {};
    const metadata = isObject(flag['metadata']) ? flag['metadata'] : {};
    const { id, version, has_experiment: hasExperiment } = metadata;
    const reasonText: unknown = reason['description'] ?? reason['code'];
    good.set(key, {
      ...remoteFlag(key, value, metadata['payload']),
      reason: reasonOf(reason['code']),
      conditionIndex: numberOf(reason['condition_index']),
      ...(typeof reasonText === 'string' && { reasonText }),
      ...(typeof id === 'number' && { id }),
      ...(typeof version === 'number' && { version }),
      ...(typeof hasExperiment === 'boolean' && { hasExperiment }),
    });
  }
  return { flags: good, isComplete: good.size === names.length };
}

function earlierFlags(values: Json, payloads: Json): ReadFlags {
  const good = new Map<string, RemoteFlag>();
  const names = Object.keys(values);
  for (const key of names) {
    const value = valueOf(values[key]);
    const payload = Object.hasOwn(payloads, key) ? payloads[key] : undefined;
    if (value !== undefined) good.set(key, remoteFlag(key, value, payload));
  }
  return { flags: good, isComplete: good.size === names.length };
}

function remoteFlag(key: string, value: FlagValue, payload: unknown): RemoteFlag {
  return {
    key,
    value,
    payload: value === false ? undefined : parsePayload(payload),
    reason: 'evaluated_remotely',
    conditionIndex: undefined,
  };
}

/** The server's words are ours, save one. */
const reasonsByCode: ReadonlyMap<unknown, DecidedReason> = new Map<unknown, DecidedReason>([
  ['condition_match', 'condition_match'],
  ['no_condition_match', 'no_condition_match'],
  ['out_of_rollout_bound', 'out_of_rollout_bound'],
  ['holdout_condition_value', 'holdout_condition_value'],
  ['no_group_type', 'no_group_type'],
  ['flag_disabled', 'disabled'],
]);

function reasonOf(code: unknown): DecidedReason {
  return reasonsByCode.get(code) ?? 'evaluated_remotely';
}

function valueOf(value: unknown): FlagValue | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
