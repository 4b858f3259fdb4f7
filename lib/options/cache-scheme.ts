/**
 * What is wrong with the scheme of a cache URL, before the rest of it is read: somebody who wrote
 * another scheme, or none, is not helped by how a Redis URL is written. Of the URL only what is plainly
 * a scheme is repeated, or a host and a port; never a user, a password or a path.
 */
import { didYouMean } from '../log/did-you-mean.js';

export interface ExpectedScheme {
  /** With the colon: `redis:`. */
  readonly schemes: readonly string[];
  /** What else the option takes, as words: `records`. */
  readonly otherwise: string;
}

/** Undefined when the URL has one of the expected schemes. */
export function mistakeInScheme(url: string, expected: ExpectedScheme): string | undefined {
  const { schemes, otherwise } = expected;
  const wanted = `expected one of ${schemes.join(', ')} or ${otherwise}.`;
  // First: a server is often called redis, and `redis:6379` looks like a scheme.
  const address = /^[a-z0-9.-]+:\d{1,5}(?=$|[/?])/i.exec(url)?.[0];
  if (address !== undefined) {
    const scheme = /^postgres|:5432$/i.test(address) ? 'postgres' : 'redis';
    return `got a host and a port without a scheme, ${wanted} Did you mean "${scheme}://${address}"?`;
  }
  const scheme = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase();
  if (scheme !== undefined && schemes.includes(scheme)) return undefined;
  if (scheme === undefined) return `got a text without a scheme, ${wanted}`;
  const meant = didYouMean(scheme, schemes);
  // `user:password@host` begins like a scheme, too; and so may a password that stands too early.
  const isPlain = meant !== '' || (/^[a-z+]{2,15}:$/.test(scheme) && url.includes('://'));
  return `got a URL with ${isPlain ? `the scheme ${scheme}` : 'a scheme that is not known'}, ${wanted}${meant}`;
}
