/** Short definitions for tests: what a flag is, in one line each. */
import type {
  FlagDefinition,
  FlagDefinitionCacheData,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import { planted } from './planted.js';

let lastId = 0;

function flag(key: string, filters: FlagDefinition['filters'], active = true): FlagDefinition {
  lastId += 1;
  return { id: lastId, key, active, filters: filters ?? null };
}

/** On for everybody. */
export function on(key: string): FlagDefinition {
  return flag(key, { groups: [{ properties: [], rollout_percentage: 100 }] });
}

/** Off for everybody. */
export function off(key: string): FlagDefinition {
  return flag(key, { groups: [] }, false);
}

/** On for whom the property has the value; unresolved for whom it is not known. */
export function onFor(key: string, property: string, value: unknown): FlagDefinition {
  // One of a list matches as it does alone; the other is nobody's, and not to be told.
  const wanted = typeof value === 'string' ? [value, planted.value] : value;
  const filter: PropertyFilter = {
    key: property,
    type: 'person',
    value: wanted,
    operator: 'exact',
  };
  return flag(key, { groups: [{ properties: [filter], rollout_percentage: 100 }] });
}

/** One variant for everybody, with a payload if one is given. */
export function variant(key: string, name: string, payload?: unknown): FlagDefinition {
  return flag(key, {
    groups: [{ properties: [], rollout_percentage: 100 }],
    multivariate: { variants: [{ key: name, rollout_percentage: 100 }] },
    ...(payload === undefined ? {} : { payloads: { [name]: JSON.stringify(payload) } }),
  });
}

/** Nobody but the server can decide it. */
export function unresolvable(key: string): FlagDefinition {
  return { ...on(key), ensure_experience_continuity: true };
}

export function definitionsOf(...flags: readonly FlagDefinition[]): FlagDefinitionCacheData {
  return { flags, group_type_mapping: {}, cohorts: {} };
}
