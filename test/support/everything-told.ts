/**
 * Everything that is told to anybody, as text, so that a test can look for what must not be in it:
 * what is logged, printed, thrown, answered and observed, with all that hangs on it.
 */
import { inspect } from 'node:util';
import { noticed } from './noticed.js';

const inDepth = { depth: 40, showHidden: true, getters: true, maxStringLength: Infinity, maxArrayLength: Infinity } as const; // prettier-ignore

export class EverythingTold {
  private readonly texts: string[] = [];

  /** Writes something down, as a debugger and as a JSON log would show it. */
  readonly add = (...things: readonly unknown[]): void => {
    for (const thing of things) this.texts.push(inspect(thing, inDepth), asJson(thing));
  };

  /** A logger for the module and for Nest. */
  get logger() {
    const { add } = this;
    const tell = (...things: readonly unknown[]): void => {
      noticed('log', ...things);
      add(...things);
    };
    return { log: tell, warn: tell, error: tell, debug: tell, verbose: tell, fatal: tell };
  }

  get observer() {
    return { onEvent: this.add };
  }

  get text(): string {
    return this.texts.join('\n');
  }

  /** Those of the given texts that were told, in one spelling or another. */
  findings(secrets: readonly string[]): string[] {
    const { text } = this;
    const spellings = (secret: string): string[] => [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      Buffer.from(secret).toString('hex'),
    ];
    return secrets.filter((secret) => spellings(secret).some((one) => text.includes(one)));
  }
}

function asJson(thing: unknown): string {
  try {
    return JSON.stringify(thing) ?? '';
  } catch {
    return '';
  }
}
