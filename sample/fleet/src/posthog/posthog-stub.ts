/**
 * A stub of PostHog: `GET /flags/definitions` with an etag, as the real one answers it, and one
 * flag that can be flipped. It knows one project, and refuses everybody else's keys.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { resolve } from 'node:path';

const flagsFile = resolve(import.meta.dirname, '..', '..', 'flags.json');
const flipped = 'new-checkout';

interface Definitions {
  readonly flags: { readonly key: string; active: boolean }[];
}

export class PostHogStub {
  readonly projectApiKey = 'phc_fleet';
  readonly secretKey = 'phs_fleet';
  /** How often the definitions were asked for, whatever was answered. */
  fetches = 0;
  private readonly definitions = JSON.parse(readFileSync(flagsFile, 'utf8')) as Definitions;

  /** Switches the flag on or off. @returns whether it is on now. */
  flip(): boolean {
    const flag = this.definitions.flags.find(({ key }) => key === flipped);
    if (flag === undefined) throw new Error(`${flagsFile} has no flag ${flipped}`);
    flag.active = !flag.active;
    return flag.active;
  }

  /** @returns false when the request is not for it. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub');
    if (pathname !== '/flags/definitions') return false;
    this.fetches += 1;
    const isKnown =
      request.headers.authorization === `Bearer ${this.secretKey}` &&
      searchParams.get('token') === this.projectApiKey;
    if (!isKnown) {
      response.writeHead(401).end();
      return true;
    }
    const body = JSON.stringify(this.definitions);
    const etag = `W/"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"`;
    const isSame = request.headers['if-none-match'] === etag;
    response.writeHead(isSame ? 304 : 200, { etag, 'content-type': 'application/json' });
    response.end(isSame ? '' : body);
    return true;
  }
}
