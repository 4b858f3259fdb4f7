/** A definition source that answers what the test tells it to, and remembers how it was asked. */
import type {
  DefinitionSource,
  DefinitionSourceAnswer,
  DefinitionSourceRequest,
  FetchFailure,
} from '../../lib/core/definitions/definition-source.js';
import type { Awaitable } from '../../lib/core/cache/flag-definition-cache-provider.js';

type Reply =
  | DefinitionSourceAnswer
  | ((request: DefinitionSourceRequest) => Awaitable<DefinitionSourceAnswer>);

export class ScriptedSource implements DefinitionSource {
  readonly description = 'the scripted source';
  readonly requests: DefinitionSourceRequest[] = [];
  closed = 0;
  private readonly replies: Reply[] = [];

  /** @param always the answer once the script is at its end. */
  constructor(public always: Reply = definitions(['a'], '"1"')) {}

  reply(...replies: Reply[]): this {
    this.replies.push(...replies);
    return this;
  }

  async fetch(request: DefinitionSourceRequest): Promise<DefinitionSourceAnswer> {
    this.requests.push(request);
    const reply = this.replies.shift() ?? this.always;
    return typeof reply === 'function' ? reply(request) : reply;
  }

  close(): void {
    this.closed += 1;
  }
}

export function definitions(keys: readonly string[], etag?: string): DefinitionSourceAnswer {
  return { kind: 'definitions', body: documentOf(keys), ...(etag === undefined ? {} : { etag }) };
}

/** A document with one flag per key, on for everybody. */
export function documentOf(keys: readonly string[]) {
  return {
    flags: keys.map((key, index) => ({
      id: index + 1,
      key,
      active: true,
      filters: { groups: [{ properties: [], rollout_percentage: 100 }] },
    })),
    group_type_mapping: {},
    cohorts: {},
  };
}

export function failed(code: FetchFailure['code'], facts: Partial<FetchFailure> = {}) {
  return { kind: 'failed', failure: { code, message: `It failed: ${code}.`, ...facts } } as const;
}

export const notModified = (etag?: string): DefinitionSourceAnswer => ({
  kind: 'not-modified',
  ...(etag === undefined ? {} : { etag }),
});

export const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
