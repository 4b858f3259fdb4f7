/**
 * The three-valued answer of a filter, a cohort or a condition: yes, no, or unknown and why.
 * Unknown is a value, not an exception, and every unknown is one of a few frozen objects, so
 * that answering costs no allocation and comparing is `===`.
 */

/** Why something is left open, strongest first: of two reasons the earlier one is reported. */
const openReasons = [
  'experience_continuity',
  'unsupported_definition',
  'unresolved_dependency',
  'missing_context',
] as const;

export type OpenReason = (typeof openReasons)[number];

/**
 * Left open by the definition or by the context. `inconclusive`: this condition cannot be
 * decided, another one may still match. `requires-server`: the flag stops here, even if a later
 * condition would match.
 */
export interface Open {
  readonly kind: 'inconclusive' | 'requires-server';
  readonly reason: OpenReason;
  /** A regex that only the server can run: it also casts doubt on later matches of the flag. */
  readonly regex: boolean;
}

/** Something threw (a getter, a `toString`), or nothing could begin: the flag stops here, too. */
export interface Failed {
  readonly kind: 'failed';
  readonly reason: 'evaluation_error' | 'missing_distinct_id';
}

export type Unknown = Open | Failed;

export type Match = boolean | Unknown;

const inconclusive = tableOf('inconclusive', false);
const inconclusiveByRegex = tableOf('inconclusive', true);
const requiresServer = tableOf('requires-server', false);

export const missingContext = inconclusive.missing_context;
export const unsupported = inconclusive.unsupported_definition;
export const unsupportedRegex = inconclusiveByRegex.unsupported_definition;
export const experienceContinuity = inconclusive.experience_continuity;
export const serverOnly = requiresServer.unsupported_definition;
export const failed: Failed = Object.freeze({ kind: 'failed', reason: 'evaluation_error' });
export const missingDistinctId: Failed = Object.freeze({
  kind: 'failed',
  reason: 'missing_distinct_id',
});

export function inconclusiveFor(reason: OpenReason, regex: boolean): Open {
  return (regex ? inconclusiveByRegex : inconclusive)[reason];
}

export function requiresServerFor(reason: OpenReason): Open {
  return requiresServer[reason];
}

/** The stronger of two reasons. */
export function strongerReason(current: OpenReason | undefined, next: OpenReason): OpenReason {
  if (current === undefined) return next;
  return openReasons.indexOf(next) < openReasons.indexOf(current) ? next : current;
}

/** What is known after two unknowns: inconclusive, with the stronger reason and any doubt. */
export function combine(current: Open | undefined, next: Open): Open {
  const regex = next.regex || current?.regex === true;
  return inconclusiveFor(strongerReason(current?.reason, next.reason), regex);
}

function tableOf(kind: Open['kind'], regex: boolean): Readonly<Record<OpenReason, Open>> {
  const entry = (reason: OpenReason): Open => Object.freeze({ kind, reason, regex });
  return {
    experience_continuity: entry('experience_continuity'),
    unsupported_definition: entry('unsupported_definition'),
    unresolved_dependency: entry('unresolved_dependency'),
    missing_context: entry('missing_context'),
  };
}
