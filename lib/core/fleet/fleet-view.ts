/**
 * Who has what: the instances that share a cache, as each has told when it last looked at it.
 * This instance is shown as it is now. A view is honest about what it cannot know: unless it is
 * `complete`, there may be instances of which it says nothing.
 */
import type { FleetMember } from '../coordination/claim-store.js';
import type { InstanceRole } from '../refresh/refresh-outcome.js';

/** One instance of the fleet. @publicApi */
export interface FleetInstance {
  /** Its name, random, one per start. */
  readonly instance: string;
  /** Whether it is the one that was asked. */
  readonly isThis: boolean;
  /** Revision of the definitions it evaluates with; undefined when it has none. */
  readonly revision: number | undefined;
  /** Milliseconds since its definitions were known to be current, as far as it has told. */
  readonly ageMs: number | undefined;
  /** Milliseconds since it last looked at the cache; undefined for this one where nobody counts. */
  readonly seenAgoMs: number | undefined;
  /**
   * Whether it was the last to fetch with success. Where the cache tells of no members (a lease, for
   * one) that is known of this instance alone, from its own turns, as in `status().role`.
   */
  readonly leads: boolean;
}

/** How many instances evaluate with one revision. @publicApi */
export interface FleetRevision {
  /** Undefined for those that have no definitions. */
  readonly revision: number | undefined;
  readonly instances: number;
}

/**
 * Why a view says nothing of the others.
 * - `cache-cannot-tell`: the cache knows no members (memory, cache-manager, a plain provider)
 * - `cache-failed`: it was asked and did not answer; `error` says how
 * - `not-listed`: it does not know this instance (any more): it has lost its memory a moment ago,
 *   or this instance has not looked for a while; the others may be missing as well
 * - `closed`: this instance shuts down
 * @publicApi
 */
export type FleetIncompleteness = 'cache-cannot-tell' | 'cache-failed' | 'not-listed' | 'closed';

/** @publicApi */
export interface FleetView {
  /** The name of this instance. */
  readonly instance: string;
  /** Whether these are all instances that live. */
  readonly complete: boolean;
  /** Why they may not be; undefined when they are. */
  readonly incomplete: FleetIncompleteness | undefined;
  /** What the cache said when it failed. Holds no secret. */
  readonly error: string | undefined;
  /** This one first, the others by name. */
  readonly instances: readonly FleetInstance[];
  /** The revisions present, the newest first. */
  readonly revisions: readonly FleetRevision[];
  /**
   * Whether all instances are known and evaluate with one revision. False also when that cannot be
   * known: see `complete`.
   */
  readonly agrees: boolean;
  /**
   * Who fetched last with success; undefined when it is not known, or has left. In a view without
   * members it is this instance or unknown.
   */
  readonly leader: string | undefined;
}

/** What an instance knows of itself. */
export interface OwnFacts {
  readonly instance: string;
  readonly revision: number | undefined;
  readonly ageMs: number | undefined;
  readonly role: InstanceRole | undefined;
}

/** What was learnt of the others. */
export type FleetAnswer =
  | { readonly kind: 'members'; readonly members: readonly FleetMember[] }
  | { readonly kind: 'cache-cannot-tell' | 'closed' }
  | { readonly kind: 'cache-failed'; readonly message: string };

export function fleetViewOf(own: OwnFacts, answer: FleetAnswer): FleetView {
  const members = answer.kind === 'members' ? answer.members : [];
  const listed = members.find(({ instance }) => instance === own.instance);
  const others = members.filter((member) => member !== listed).map(otherOf);
  const isLeader = answer.kind !== 'members' && own.role === 'leader';
  const instances = [ownOf(own, listed, isLeader), ...others.toSorted(byName)];
  const revisions = revisionsOf(instances);
  const isListed = listed === undefined ? ('not-listed' as const) : undefined;
  const incomplete = answer.kind === 'members' ? isListed : answer.kind;
  const complete = incomplete === undefined;
  return {
    instance: own.instance,
    complete,
    incomplete,
    error: answer.kind === 'cache-failed' ? answer.message : undefined,
    instances,
    revisions,
    agrees: complete && revisions.length === 1 && revisions[0]?.revision !== undefined,
    leader: instances.find(({ leads }) => leads)?.instance,
  };
}

/** What this instance holds it knows better than the cache does. */
function ownOf(
  { instance, revision, ageMs: exactMs }: OwnFacts,
  listed: FleetMember | undefined,
  isLeader: boolean,
): FleetInstance {
  const { seenAgoMs, leads = isLeader } = listed ?? {};
  const ageMs = exactMs === undefined ? undefined : Math.round(exactMs);
  return { instance, revision, ageMs, isThis: true, seenAgoMs, leads };
}

function otherOf({ instance, revision, ageMs, seenAgoMs, leads }: FleetMember): FleetInstance {
  return {
    instance,
    isThis: false,
    revision: revision === 0 ? undefined : revision,
    // It has grown older since it told; what it may have confirmed meanwhile it tells next time.
    ageMs: ageMs === undefined ? undefined : ageMs + seenAgoMs,
    seenAgoMs,
    leads,
  };
}

function revisionsOf(instances: readonly FleetInstance[]): FleetRevision[] {
  const counts = new Map<number | undefined, number>();
  for (const { revision } of instances) counts.set(revision, (counts.get(revision) ?? 0) + 1);
  return [...counts]
    .map(([revision, count]) => ({ revision, instances: count }))
    .toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0));
}

function byName(a: FleetInstance, b: FleetInstance): number {
  return a.instance.localeCompare(b.instance);
}
