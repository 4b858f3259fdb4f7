/**
 * Tells of routes that name a flag which the definitions do not have: at the first load, and
 * again only after the flag has been there and gone. Most often a typing mistake, or a flag that
 * was deleted while the code still asks for it.
 */
import type { FlagSnapshot } from '../core/evaluation/flag-snapshot.js';
import type { SnapshotStore } from '../core/snapshot/snapshot-store.js';
import type { Unsubscribe } from '../core/definitions/definition-source.js';
import { didYouMean } from '../log/did-you-mean.js';
import type { FlagUse } from './guarded-routes.js';
import type { RequestLog } from './request.log.js';

const effects = {
  refused: 'Nobody passes: everybody gets what the route says otherwise, by default 404.',
  allowed: "The route is open to everybody (whenUnresolved: 'allow').",
  undecided:
    'Where the expression of the route depends on it, it is undecided, and what is undecided does not pass.',
  undefined: 'The parameter is false or undefined for everybody.',
} as const;

export interface UnknownFlagWatchParts {
  readonly store: SnapshotStore;
  readonly log: RequestLog;
  /** Where the definitions come from, as the source describes itself. */
  readonly source: string;
}

/** Looks now, if there are definitions, and after each change. */
export function watchUnknownFlags(
  uses: readonly FlagUse[],
  { store, log, source }: UnknownFlagWatchParts,
): Unsubscribe {
  const told = new Set<FlagUse>();
  const look = (snapshot: FlagSnapshot): void => {
    for (const use of uses) {
      if (snapshot.has(use.key)) told.delete(use);
      else if (!told.has(use)) {
        told.add(use);
        log.unknownFlag(sentence(use, snapshot, source));
      }
    }
  };
  if (store.current !== undefined) look(store.current);
  return store.subscribe(({ current }) => look(current));
}

function sentence({ key, place, effect }: FlagUse, snapshot: FlagSnapshot, source: string): string {
  const isLeftOut = snapshot.definitions.flags.some((flag) => flag.key === key);
  const why = isLeftOut
    ? `the definitions have it, but the option evaluationContexts leaves it out.`
    : `there is no such flag among the ${snapshot.keys.length} of ${source}.${didYouMean(key, snapshot.keys)}`;
  const what = isLeftOut
    ? 'Give the flag one of these contexts, or widen the option.'
    : 'Correct the key, or create the flag: it is seen at the next refresh.';
  return `${place} asks for the flag "${key}": ${why} ${effects[effect]} ${what}`;
}
