/** S1 to S7: what must never happen, whatever the faults. */
import { eventsOf, type FetchWindow, type TraceEvent } from '../trace.js';
import { Versions } from './versions.js';
import type { Check, Violation } from './violation.js';

/**
 * S1: in one history of the store, one publication for one revision. A store that lost everything
 * begins anew above all that was, by its clock and by what instances know; one that falls back to
 * an older copy of itself cannot know, and there the digest tells two of one number apart.
 */
export const onePublicationPerRevision: Check = (trace) => {
  const violations: Violation[] = [];
  let history: { readonly token: number; readonly at: number }[] = [];
  for (const event of trace) {
    if (event.type === 'store-lost' && event.keptUntil > Number.NEGATIVE_INFINITY) {
      const { keptUntil } = event;
      history = history.filter(({ at }) => at <= keptUntil);
    }
    if (event.type !== 'finished' || event.kind !== 'new' || event.reply !== 'accepted') continue;
    const { token, at, instance } = event;
    if (history.some((publication) => publication.token === token)) {
      violations.push({ invariant: 'S1', at, message: `${instance} published ${token} once more` });
    }
    history.push({ token, at });
  }
  return violations;
};

/** S2: at an instance revisions grow; one may come again with other content, after a failover. */
export const revisionsGrow: Check = (trace) => {
  const violations: Violation[] = [];
  const held = new Map<string, { readonly revision: number; readonly content: unknown }>();
  for (const { at, instance, revision, content } of eventsOf(trace, 'applied')) {
    const previous = held.get(instance);
    held.set(instance, { revision, content });
    if (previous === undefined || revision > previous.revision) continue;
    if (revision === previous.revision && content !== previous.content) continue;
    const message = `${instance} went from revision ${previous.revision} to ${revision}`;
    violations.push({ invariant: 'S2', at, message });
  }
  return violations;
};

interface Accepted {
  readonly fetch: FetchWindow;
  readonly content: string | undefined;
  readonly at: number;
}

/** S3: accepted fetches do not overlap and come in order; the store's content never goes back. */
export const publicationsInOrder: Check = (trace, { forgetsGrants, goesBack }) => {
  const violations: Violation[] = [];
  if (forgetsGrants) return violations;
  const versions = new Versions(trace);
  let previous: Accepted | undefined;
  let version = 0;
  for (const event of eventsOf(trace, 'finished')) {
    const { kind, reply, fetch, content, at, instance, token } = event;
    if (reply !== 'accepted' || fetch === undefined || (kind !== 'new' && kind !== 'same'))
      continue;
    if (previous !== undefined && fetch.startedAt < previous.fetch.endedAt) {
      const message = `${instance} finished ${token} with a fetch that overlaps the one before`;
      violations.push({ invariant: 'S3', at, message });
    }
    previous = { fetch, content, at };
    if (content === undefined || goesBack) continue;
    const explained = versions.explain(content, version, at);
    if (explained === undefined) {
      const message = `${instance} made the store go back from version ${version} to ${content}`;
      violations.push({ invariant: 'S3', at, message });
    } else version = explained;
  }
  return violations;
};

/** S4: a finish that was refused has changed nothing. */
export const refusedChangesNothing: Check = (trace) =>
  eventsOf(trace, 'finished')
    .filter(({ reply, untouched }) => reply !== 'accepted' && !untouched)
    .map(({ at, instance, token }) => ({
      invariant: 'S4',
      at,
      message: `${instance}'s refused finish of ${token} changed the store`,
    }));

/** S5: an evaluation never fails. */
export const evaluationNeverFails: Check = (trace) =>
  eventsOf(trace, 'evaluated').flatMap(({ at, instance, fault }) =>
    fault === undefined ? [] : [{ invariant: 'S5', at, message: `${instance} evaluated ${fault}` }],
  );

/** S7: what no source ever served never becomes the snapshot. */
export const nothingInvalidIsApplied: Check = (trace) =>
  eventsOf(trace, 'applied').flatMap(({ at, instance, content }) =>
    content === undefined
      ? [{ invariant: 'S7', at, message: `${instance} applied what no source has served` }]
      : [],
  );

/** No instance goes back to content that is older than what it has evaluated with. */
export const contentNeverGoesBack: Check = (trace, { goesBack }) => {
  const violations: Violation[] = [];
  if (goesBack) return violations;
  const versions = new Versions(trace);
  const held = new Map<string, number>();
  for (const { at, instance, content } of eventsOf(trace, 'applied')) {
    if (content === undefined) continue;
    const previous = held.get(instance) ?? 0;
    const version = versions.explain(content, previous, at);
    if (version === undefined) {
      const message = `${instance} went back from version ${previous} to ${content}`;
      violations.push({ invariant: 'content', at, message });
    }
    held.set(instance, version ?? versions.latest(content, at) ?? previous);
  }
  return violations;
};

/** All of them that look at nothing but order. */
export const safetyChecks: readonly Check[] = [
  onePublicationPerRevision,
  revisionsGrow,
  publicationsInOrder,
  refusedChangesNothing,
  evaluationNeverFails,
  nothingInvalidIsApplied,
  contentNeverGoesBack,
];

export function isAcceptedConfirmation(event: TraceEvent): boolean {
  return (
    event.type === 'finished' &&
    event.reply === 'accepted' &&
    (event.kind === 'new' || event.kind === 'same')
  );
}
