/**
 * Definitions that say which they are: two flags whose payloads name the content, so that a set
 * that was torn or emptied shows in an evaluation. Each flag counts its changes, as PostHog does.
 */
import type { FlagSnapshot } from '../../../lib/core/evaluation/flag-snapshot.js';

const keys = ['first', 'second'] as const;

/** Stands for the value of a property, in definitions and in what is no definitions: see S8. */
export const CANARY = 'canary-value';

export function documentOf(content: string, version: number) {
  const flags = keys.map((key, index) => ({
    id: index + 1,
    name: key,
    key,
    active: true,
    version,
    filters: {
      groups: [
        { properties: [], rollout_percentage: 100 },
        { properties: [{ key: 'email', type: 'person', operator: 'exact', value: CANARY }] },
      ],
      payloads: { true: JSON.stringify(content) },
    },
  }));
  return { flags, group_type_mapping: {}, cohorts: {} };
}

/** Which content a snapshot has; undefined for one that no source served. */
export function contentOf(snapshot: FlagSnapshot): string | undefined {
  const contents = keys.map((key) => {
    const { value, payload } = snapshot.evaluate(key, { distinctId: 'somebody' });
    return value === true && typeof payload === 'string' ? payload : undefined;
  });
  const [first] = contents;
  return contents.every((content) => content === first) ? first : undefined;
}

/** Which content a document has; undefined for one that no source served. */
export function nameIn(document: unknown): string | undefined {
  const { flags } = (document ?? {}) as Partial<ReturnType<typeof documentOf>>;
  const payload = Array.isArray(flags) ? flags[0]?.filters.payloads.true : undefined;
  return payload === undefined ? undefined : (JSON.parse(payload) as string);
}

/** Documents that are no definitions, as a proxy or a broken disk makes them. */
export const garbage: readonly unknown[] = [
  '<html><body>Log in to the hotel</body></html>',
  CANARY,
  { flags: CANARY, cohorts: CANARY },
  {},
  { flags: null },
  { flags: 'none' },
  [],
  null,
  { detail: 'Not found.' },
];

/** Bodies that are no record. */
export const garbageBodies: readonly string[] = [
  '<html>',
  CANARY,
  `{"flags":"${CANARY}"}`,
  `{"flags":[{"key":"first","filters":"${CANARY}"}${CANARY}`,
  '{"flags":[{"key":"fir',
  '{}',
  '{"flags":null}',
  'null',
  '',
];
