/**
 * From what was told of a real fleet to a trace as the simulation writes it, for the one checker
 * of both. What no instance could know alone is put together here: by what right it asked the
 * source, which fetch a publication came from, how many the store knew.
 */
import type { FetchRight, FetchWindow, TraceEvent } from '../simulation/trace.js';
import type { Told } from './told.js';

/** Clocks of one machine, read in several processes. */
const CLOCK_SLACK_MS = 5;

type Of<Type extends Told['type']> = Extract<Told, { readonly type: Type }>;

/** @param contentOf the name of the content that was served with an etag */
export function traceOf(
  told: readonly Told[],
  contentOf: (etag: string) => string | undefined,
): TraceEvent[] {
  const ordered = told.toSorted((one, other) => one.at - other.at);
  const facts = new FactsByInstance(ordered);
  return ordered.flatMap((fact): TraceEvent[] => {
    switch (fact.type) {
      case 'fetch-started':
        return [{ ...fact, right: rightOf(fact, facts) }];
      case 'turn':
        return [turnOf(fact, facts)];
      case 'executed-finish':
        return [finishOf(fact, facts, contentOf)];
      case 'evaluated':
        return [{ ...fact, fault: fact.fault }];
      case 'applied':
        return [{ ...fact, content: fact.content }];
      case 'checked':
      case 'ready':
      case 'started':
      case 'log':
        return [];
      default:
        return [fact];
    }
  });
}

class FactsByInstance {
  private readonly facts = new Map<string, Told[]>();

  constructor(ordered: readonly Told[]) {
    for (const fact of ordered) {
      if (!('instance' in fact)) continue;
      const known = this.facts.get(fact.instance);
      if (known === undefined) this.facts.set(fact.instance, [fact]);
      else known.push(fact);
    }
  }

  /** The last of a type at an instance, up to a moment. */
  last<Type extends Told['type']>(type: Type, instance: string, untilMs: number) {
    return this.of(instance).findLast(
      (fact): fact is Of<Type> => fact.type === type && fact.at <= untilMs,
    );
  }

  /** The first of a type at an instance, from a moment on. */
  first<Type extends Told['type']>(type: Type, instance: string, fromMs: number) {
    return this.of(instance).find(
      (fact): fact is Of<Type> => fact.type === type && fact.at >= fromMs,
    );
  }

  of(instance: string): readonly Told[] {
    return this.facts.get(instance) ?? [];
  }
}

/** What the instance says of its turn counts for what it believed, the store for what it was given. */
function rightOf({ instance, at }: Of<'fetch-started'>, facts: FactsByInstance): FetchRight {
  const turn = facts.first('turn', instance, at);
  if (turn?.cacheFailures.includes('shouldFetch')) return 'cache-away';
  const hasClaim = holdsClaim(instance, at, facts);
  // Died in the middle of the turn, or closed.
  if (turn === undefined || turn.outcome === 'closed') return hasClaim ? 'claim' : 'cache-away';
  if (turn.role !== 'solo') return hasClaim ? 'claim' : 'none';
  return facts.last('applied', instance, at) === undefined ? 'cold' : 'none';
}

function holdsClaim(instance: string, at: number, facts: FactsByInstance): boolean {
  const grant = facts.last('granted', instance, at + CLOCK_SLACK_MS);
  const finish = facts.last('executed-finish', instance, at - CLOCK_SLACK_MS);
  return grant !== undefined && finish?.token !== grant.token;
}

function turnOf(fact: Of<'turn'>, facts: FactsByInstance): TraceEvent {
  const { at, instance, outcome, cacheFailures } = fact;
  const isAway = cacheFailures.includes('shouldFetch');
  const members = facts.last('checked', instance, at)?.members;
  return { type: 'turn', at, instance, outcome, instances: isAway ? undefined : members };
}

function finishOf(
  fact: Of<'executed-finish'>,
  facts: FactsByInstance,
  contentOf: (etag: string) => string | undefined,
): TraceEvent {
  const { at, instance, token, kind, etag, isAccepted, hasWritten } = fact;
  const reply = isAccepted ? 'accepted' : 'fenced';
  const fetch = windowOf(fact, facts);
  const content = contentOf(etag);
  const untouched = !hasWritten;
  return { type: 'finished', at, instance, token, kind, reply, content, fetch, untouched };
}

/** The fetch that began after this claim was granted; without claims, the last. */
function windowOf(
  { instance, token, at }: Of<'executed-finish'>,
  facts: FactsByInstance,
): FetchWindow | undefined {
  const granted = facts
    .of(instance)
    .find((told): told is Of<'granted'> => told.type === 'granted' && told.token === token);
  const started =
    granted === undefined
      ? facts.last('fetch-started', instance, at)
      : facts.first('fetch-started', instance, granted.at - CLOCK_SLACK_MS);
  if (started === undefined || started.at > at) return undefined;
  const ended = facts.first('fetch-ended', instance, started.at);
  return { startedAt: started.at, endedAt: Math.min(ended?.at ?? at, at) };
}
