/**
 * D2 for the reference: where a name that every object inherits would be found by mistake,
 * it is replaced by one that is found nowhere, or what is looked up is made to say "absent".
 */
import type {
  FlagDefinition,
  FlagDefinitionCacheData,
  PropertyFilter,
} from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';

const inherited: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype));
const nowhere = 'a name found nowhere';

export function ordinaryNamesInDocument(
  definitions: FlagDefinitionCacheData,
): FlagDefinitionCacheData {
  return { ...definitions, flags: definitions.flags.map((flag) => rewriteFlag(flag, definitions)) };
}

export function ordinaryNamesInContext(context: EvaluationContext): EvaluationContext {
  const groups = Object.assign(Object.create(null), context.groups) as Record<string, string>;
  return { ...context, groups };
}

function rewriteFlag(flag: FlagDefinition, definitions: FlagDefinitionCacheData): FlagDefinition {
  if (!flag.filters) return flag;
  const variants = flag.filters.multivariate?.variants ?? [];
  const noPayloads = variants
    .filter(({ key }) => inherited.has(key))
    .map(({ key }) => [key, null] as const);
  return {
    ...flag,
    filters: {
      ...flag.filters,
      ...(flag.filters.payloads && {
        payloads: { ...Object.fromEntries(noPayloads), ...flag.filters.payloads },
      }),
      groups: flag.filters.groups?.map((group) => ({
        ...group,
        properties: group.properties?.map((filter) => rewriteFilter(filter, definitions)),
      })),
    } as FlagDefinition['filters'],
  };
}

function rewriteFilter(
  filter: PropertyFilter,
  definitions: FlagDefinitionCacheData,
): PropertyFilter {
  if (filter.type === 'cohort') {
    const id = String(filter.value);
    const isFoundByMistake = inherited.has(id) && !Object.hasOwn(definitions.cohorts ?? {}, id);
    return isFoundByMistake ? { ...filter, value: nowhere } : filter;
  }
  if (filter.type !== 'flag' || !Array.isArray(filter.dependency_chain)) return filter;
  const chain = filter.dependency_chain.map((key) =>
    typeof key === 'string' && inherited.has(key) ? nowhere : (key as string),
  );
  return { ...filter, dependency_chain: chain };
}
