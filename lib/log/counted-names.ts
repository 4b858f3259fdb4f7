/** Names and numbers in a line of the log. */

/** How many keys or issues one line names before it says how many more there are. */
const MOST_NAMED = 10;

export function named(names: readonly string[], separator = ', '): string {
  const shown = names.slice(0, MOST_NAMED).join(separator);
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
