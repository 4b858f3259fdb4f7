/** What is told of a part of a document that was left out while the rest lives. */

/** A part of a document that could not be used and was left out. @publicApi */
export interface DefinitionIssue {
  readonly part: 'flag' | 'cohort' | 'group-type' | 'field';
  /** Key of the flag, id of the cohort, index of the group type, name of the field. */
  readonly key: string | undefined;
  /** Place of a flag in the list, from 0. */
  readonly position?: number;
  /** What was left out, why, and what to do. Holds no value of the document. */
  readonly message: string;
}

const LONGEST_QUOTED_NAME = 100;

/** A name from a document, fit for a message: quoted, control characters escaped, cut short. */
export function quoteName(name: string): string {
  const short = name.length > LONGEST_QUOTED_NAME ? `${name.slice(0, LONGEST_QUOTED_NAME)}…` : name;
  return JSON.stringify(short);
}
