/**
 * The three-valued answer of a filter, a cohort or a condition: yes, no, or unknown and why.
 * Unknown is a value, not an exception, and every unknown is one of a few frozen objects, so
 * that answering costs no allocation and comparing is `===`.
 */
import type { UnresolvedReason } from './flag-evaluation.js';

/**
 * How far an unknown reaches.
 * - `inconclusive`: this condition cannot be decided; another one may still match.
 * - `requires-server`: the flag stops here, even if a later condition would match.
 * - `failed`: something threw while it was evaluated (a getter, a `toString`); stops likewise.
 */
export type UnknownKind = 'inconclusive' | 'requires-server' | 'failed';

export interface Unknown {
  readonly kind: UnknownKind;
  readonly reason: UnresolvedReason;
  /** A regex that only the server can run: it also casts doubt on later matches of the flag. */
  readonly regex: boolean;
}

export type Match = boolean | Unknown;

/** Strongest first: of two reasons the earlier one is reported. */
const precedence: readonly UnresolvedReason[] = [
  'experience_continuity',
  'unsupported_definition',
  'unresolved_dependency',
  'missing_context',
];

const inconclusive = tableOf('inconclusive', false);
const inconclusiveRegex = tableOf('inconclusive', true);
const requiresServer = tableOf('requires-server', false);

export const missingContext = inconclusiveFor('missing_context');
export const unsupported = inconclusiveFor('unsupported_definition');
export const unsupportedRegex = inconclusiveFor('unsupported_definition', true);
export const unresolvedDependency = inconclusiveFor('unresolved_dependency');
export const experienceContinuity = inconclusiveFor('experience_continuity');
export const missingDistinctId = unknownOf('inconclusive', 'missing_distinct_id', false);
export const serverOnly = requiresServerFor('unsupported_definition');
export const failed = unknownOf('failed', 'evaluation_error', false);

export function inconclusiveFor(reason: UnresolvedReason, regex = false): Unknown {
  return entryOf(regex ? inconclusiveRegex : inconclusive, reason);
}

export function requiresServerFor(reason: UnresolvedReason): Unknown {
  return entryOf(requiresServer, reason);
}

/** The stronger of two reasons. */
export function strongerReason(
  current: UnresolvedReason | undefined,
  next: UnresolvedReason,
): UnresolvedReason {
  if (current === undefined) return next;
  return precedence.indexOf(next) < precedence.indexOf(current) ? next : current;
}

/**
 * What is known after two unknowns: inconclusive, with the stronger reason. Only an inconclusive
 * answer hands on its doubt about a regex.
 */
export function combine(current: Unknown | undefined, next: Unknown): Unknown {
  const regex = (current?.regex ?? false) || next.regex;
  return inconclusiveFor(strongerReason(current?.reason, next.reason), regex);
}

type UnknownTable = ReadonlyMap<UnresolvedReason, Unknown>;

function tableOf(kind: UnknownKind, regex: boolean): UnknownTable {
  return new Map(precedence.map((reason) => [reason, unknownOf(kind, reason, regex)]));
}

function entryOf(table: UnknownTable, reason: UnresolvedReason): Unknown {
  return table.get(reason) ?? failed;
}

function unknownOf(kind: UnknownKind, reason: UnresolvedReason, regex: boolean): Unknown {
  return Object.freeze({ kind, reason, regex });
}
