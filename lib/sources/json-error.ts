/**
 * Where a text stops being JSON. JSON.parse names the place only for some mistakes, and quotes
 * the text for others; a person who edits a file by hand needs line and column for all of them.
 * Runs only after JSON.parse has failed. It keeps a stack of its own: depth does not matter.
 */

export interface JsonError {
  /** From 1. */
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
  /** E.g. `expected "," or "}", found "]"`. */
  readonly problem: string;
}

type State = keyof typeof expectedIn;

const expectedIn = {
  value: 'a value',
  'first-value': 'a value or "]"',
  'first-name': 'a name in double quotes or "}"',
  name: 'a name in double quotes (a comma must not come last)',
  colon: '":"',
  'more-values': '"," or "]"',
  'more-names': '"," or "}"',
  end: 'the end of the file',
} as const;

const blanks = /[ \t\n\r]*/y;
const token =
  /([{}[\],:])|("[\x20\x21\x23-\x5b\x5d-\uffff]*(?:\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})[\x20\x21\x23-\x5b\x5d-\uffff]*)*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The first place at which the text is not JSON; undefined when all of it is. */
export function findJsonError(text: string): JsonError | undefined {
  const open: ('{' | '[')[] = [];
  let state: State = 'value';
  for (let at = endOf(blanks, text, 0); at < text.length; at = endOf(blanks, text, at)) {
    token.lastIndex = at;
    const match = token.exec(text);
    const next: State | undefined = match === null ? undefined : step(state, kindOf(match), open);
    if (next === undefined) return errorAt(text, at, state);
    state = next;
    at = token.lastIndex;
  }
  return state === 'end' ? undefined : errorAt(text, text.length, state);
}

function kindOf(match: RegExpExecArray): string {
  return match[1] ?? (match[2] === undefined ? 'scalar' : 'string');
}

/** The state after a token; undefined when the token must not stand there. */
function step(state: State, kind: string, open: ('{' | '[')[]): State | undefined {
  switch (state) {
    case 'value':
      return valueState(kind, open);
    case 'first-value':
      return kind === ']' ? close(open) : valueState(kind, open);
    case 'first-name':
      if (kind === '}') return close(open);
      return kind === 'string' ? 'colon' : undefined;
    case 'name':
      return kind === 'string' ? 'colon' : undefined;
    case 'colon':
      return kind === ':' ? 'value' : undefined;
    case 'more-values':
      if (kind === ']') return close(open);
      return kind === ',' ? 'value' : undefined;
    case 'more-names':
      if (kind === '}') return close(open);
      return kind === ',' ? 'name' : undefined;
    case 'end':
      return undefined;
  }
}

function valueState(kind: string, open: ('{' | '[')[]): State | undefined {
  if (kind === 'string' || kind === 'scalar') return afterValue(open);
  if (kind !== '{' && kind !== '[') return undefined;
  open.push(kind);
  return kind === '{' ? 'first-name' : 'first-value';
}

function close(open: ('{' | '[')[]): State {
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly ('{' | '[')[]): State {
  const innermost = open.at(-1);
  if (innermost === undefined) return 'end';
  return innermost === '{' ? 'more-names' : 'more-values';
}

function endOf(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.exec(text);
  return pattern.lastIndex;
}

function errorAt(text: string, at: number, state: State): JsonError {
  const before = text.slice(0, at);
  const character = text.slice(at, at + 1);
  const found = at < text.length ? JSON.stringify(character) : 'the end of the file';
  const hint =
    character === '"' && state !== 'colon' && state !== 'end'
      ? ' (text that is not closed, or holds what must be escaped)'
      : '';
  return {
    line: before.split('\n').length,
    column: at - before.lastIndexOf('\n'),
    problem: `expected ${expectedIn[state]}, found ${found}${hint}`,
  };
}
