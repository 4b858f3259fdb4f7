/**
 * What the head of the shared copy says to an instance, for coordinations that look at heads alone
 * and ask no store of claims.
 */
import type { HeldFacts, SharedContent, SharedState } from '../cache/definition-cache.js';
import type { RecordHead } from '../cache/definition-record.js';

export function stateOfHead(head: RecordHead | undefined, facts: HeldFacts): SharedState {
  return {
    content: contentOf(head, facts),
    revision: head?.revision ?? 0,
    // There is no token to wait for after an outage: the order is that of the revisions.
    token: undefined,
    verifiedToken: undefined,
    ageMs: head?.ageMs,
    dueInMs: undefined,
    instances: undefined,
  };
}

/** Nothing of use is there: no copy, one older than what is held, or one that cannot be read. */
export function isLost(head: RecordHead | undefined, { revision, floor = 0 }: HeldFacts): boolean {
  return head === undefined || head.revision < Math.max(revision, floor);
}

function contentOf(head: RecordHead | undefined, facts: HeldFacts): SharedContent {
  if (head === undefined) return 'none';
  if (head.digest === facts.digest) return 'same';
  return head.revision < facts.revision ? 'older' : 'newer';
}
