/** Single keys of a terminal. Without one there are none, and curl does the same. */
import type { Action } from './conductor.js';

const meaning: Readonly<Record<string, Action>> = {
  k: 'kill',
  r: 'redis',
  f: 'flip',
  q: 'quit',
  '\u0003': 'quit',
};

/** @returns whether there is a terminal to press keys at. */
export function listenToKeys(act: (action: Action) => void): boolean {
  const { stdin } = process;
  if (!stdin.isTTY) return false;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').on('data', (key: string) => {
    const action = meaning[key];
    if (action !== undefined) act(action);
  });
  return true;
}
