/**
 * Definitions that are written in the code: for tests, examples, and apps that want the module
 * without PostHog. They are copied when the source is made and never change after.
 */
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
  DefinitionSourceRequest,
} from '../core/definitions/definition-source.js';
import { digestOf } from '../core/definitions/digest.js';
import type { FlagDefinitionCacheData } from '../core/definitions/flag-definitions.js';
import { parseDefinitions } from '../core/definitions/parse-definitions.js';
import { FlagsError } from '../core/errors/flags-error.js';

/** @publicApi */
export class StaticDefinitionSource implements DefinitionSource {
  readonly description = 'static definitions';
  private readonly json: string;
  private readonly etag: string;

  /** @throws FlagsError `invalid-definitions` when the whole is no definitions document. */
  constructor(definitions: FlagDefinitionCacheData) {
    this.json = toJson(definitions);
    const parsed = parseDefinitions(JSON.parse(this.json));
    if (!parsed.ok) throw new FlagsError(parsed.message, { code: 'invalid-definitions' });
    this.etag = `"${digestOf(parsed.definitions)}"`;
  }

  /** Always the same: "not modified" to one who has it. Does not reject. */
  fetch({ etag }: DefinitionSourceRequest): Promise<DefinitionSourceAnswer> {
    return Promise.resolve(
      etag === this.etag
        ? { kind: 'not-modified', etag: this.etag }
        : { kind: 'definitions', body: JSON.parse(this.json) as unknown, etag: this.etag },
    );
  }
}

function toJson(definitions: unknown): string {
  try {
    return JSON.stringify(definitions) ?? 'null';
  } catch (cause) {
    throw new FlagsError(
      'The static definitions cannot be used: they hold something that JSON cannot carry (a circle, a bigint). ' +
        "Give a plain object in the format of PostHog's GET /flags/definitions.",
      { code: 'invalid-definitions', cause },
    );
  }
}
