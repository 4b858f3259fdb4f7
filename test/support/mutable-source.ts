/** A definition source whose definitions a test replaces; they are seen at the next refresh. */
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
} from '../../lib/core/definitions/definition-source.js';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';

export class MutableSource implements DefinitionSource {
  readonly description = 'the test';
  fetches = 0;
  closed = 0;

  constructor(public definitions: FlagDefinitionCacheData = { flags: [] }) {}

  async fetch(): Promise<DefinitionSourceAnswer> {
    this.fetches += 1;
    return { kind: 'definitions', body: structuredClone(this.definitions) };
  }

  close(): void {
    this.closed += 1;
  }
}
