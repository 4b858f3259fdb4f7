/** The words on the console: what to try, and why the shop could not open. */

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
  const message = error instanceof Error ? error.message : String(error);
  return `The shop could not open. ${message}`;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
