/** The words on the console: what to try, and why the shop could not open. */

import { isFlagsError } from 'nestjs-feature-flags';

/** @param url as the server reports it, e.g. `http://[::1]:3000` */
export function welcomeText(url: string): string {
  const here = `http://localhost:${new URL(url).port}`;
  return `
The shop is open: ${here}
The page shows every flag and why it has its value. Or try, in another terminal:

  curl '${here}/checkout?as=jonas'      one route ...
  curl '${here}/checkout?as=grace'      ... two checkouts
  curl -i '${here}/lounge?as=jonas'     a room that does not exist for everybody
`;
}

export function failureText(error: unknown, port: number): string {
  if (codeOf(error) === 'EADDRINUSE') {
    return `Port ${port} is in use by another program: stop that program, or choose another port, e.g. PORT=${port + 1} npm start`;
  }
  if (isFlagsError(error)) return `The shop could not open. ${error.message}`;
  // Whatever else it is, it is a mistake in this app: show where.
  return `The shop could not open. ${error instanceof Error ? error.stack : String(error)}`;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
