/**
 * The reference: PostHog's own client for Node, through its public API only. It gets its
 * definitions from a cache provider, as a reader without a secret does, and evaluates locally
 * only; a `fetch` that refuses proves that nothing is asked of a server.
 *
 * It must not be given cycles of flags or cohorts (it recurses until the process dies) nor
 * regular expressions that backtrack without bound (it waits for them).
 */
import { PostHog } from 'posthog-node';
import type { FlagDefinitionCacheData as PostHogDefinitions } from 'posthog-node';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import type { EvaluationContext } from '../../lib/core/evaluation/evaluation-context.js';
import type { Answer } from './answer.js';
import { pinDate } from './pin-date.js';

type PostHogOptions = NonNullable<ConstructorParameters<typeof PostHog>[1]>;

/** What the reference is to evaluate. */
export interface OracleInput {
  readonly definitions: FlagDefinitionCacheData;
  readonly evaluationContexts: readonly string[] | undefined;
  readonly now: number;
}

export class PostHogOracle {
  /** Every request that a client wanted to make; it must stay empty. */
  readonly requests: string[] = [];
  /** Flags evaluated so far. */
  evaluations = 0;
  private definitions: PostHogDefinitions | undefined;
  private now = 0;
  private loads = 0;
  /** Evaluation contexts are an option of the client: one client for each set of them. */
  private readonly clients = new Map<string, PostHog>();
  private client: PostHog | undefined;
  private readonly warn = console.warn;

  constructor() {
    // The clients warn of each flag they cannot evaluate: here that is one in four.
    console.warn = () => undefined;
  }

  /** Takes another document, to be evaluated as of `now`. */
  async load({ definitions, evaluationContexts, now }: OracleInput): Promise<void> {
    const before = this.loads;
    this.now = now;
    // As the client itself does with what it fetches.
    this.definitions = { ...definitions, cohorts: definitions.cohorts ?? {} } as PostHogDefinitions;
    const name = JSON.stringify(evaluationContexts) ?? 'none';
    // A new client reads at once, and what is asked of it meanwhile joins that reading.
    this.client = this.clients.get(name) ?? this.openClient(evaluationContexts);
    this.clients.set(name, this.client);
    await this.client.reloadFeatureFlags();
    if (this.loads === before) throw new Error('The reference refused the definitions.');
  }

  /** The answer for each key, from one evaluation of them all. */
  async evaluateAll(
    context: EvaluationContext,
    keys: readonly string[],
  ): Promise<Map<string, Answer>> {
    const flags = await this.atItsMoment((client) =>
      client.evaluateFlags(context.distinctId, { ...asOptions(context), flagKeys: [...keys] }),
    );
    const known = new Set(flags.keys);
    this.evaluations += keys.length;
    return new Map(
      keys.map((key) => {
        if (!known.has(key)) {
          const reasons = flags.unresolvedFlags;
          return [key, unresolved(Object.hasOwn(reasons, key) ? reasons[key] : undefined)];
        }
        const payload: unknown = flags.getFlagPayload(key);
        // For a flag named `constructor` it finds what every object inherits; JSON has no function.
        const isInherited = typeof payload === 'function';
        return [
          key,
          {
            value: flags.getFlag(key),
            payload: isInherited ? undefined : payload,
            unresolved: undefined,
          },
        ];
      }),
    );
  }

  /** The answer for one key; unlike the other way it tells an empty payload from none. */
  async evaluate(key: string, context: EvaluationContext): Promise<Answer> {
    this.evaluations += 1;
    try {
      const result = await this.atItsMoment((client) =>
        client.getFeatureFlagResult(key, context.distinctId, asOptions(context)),
      );
      if (result === undefined) return unresolved(undefined);
      const value = result.enabled ? (result.variant ?? true) : false;
      return { value, payload: result.payload, unresolved: undefined };
    } catch {
      // It rejects where evaluation fails unexpectedly, e.g. on a value that has no text.
      return unresolved(undefined);
    }
  }

  async close(): Promise<void> {
    for (const client of this.clients.values()) await client.shutdown();
    console.warn = this.warn;
  }

  /** The clock stands still for the reference only, so that ours must use the one it is given. */
  private async atItsMoment<T>(work: (client: PostHog) => Promise<T>): Promise<T> {
    if (this.client === undefined) throw new Error('Load definitions first.');
    const unpinDate = pinDate(() => this.now);
    try {
      return await work(this.client);
    } finally {
      unpinDate();
    }
  }

  private openClient(evaluationContexts: readonly string[] | undefined): PostHog {
    const client = new PostHog('phc_fidelity', {
      flagDefinitionCacheProvider: {
        getFlagDefinitions: () => this.definitions,
        shouldFetchFlagDefinitions: () => false,
        onFlagDefinitionsReceived: () => undefined,
        shutdown: () => undefined,
      },
      featureFlagsPollingInterval: null,
      strictLocalEvaluation: true,
      sendFeatureFlagEvent: false,
      ...(evaluationContexts && { evaluationContexts }),
      fetch: this.refuseRequest,
    });
    client.on('localEvaluationFlagsLoaded', () => {
      this.loads += 1;
    });
    // What fails for an unforeseen reason is reported here, and the flag is left out.
    client.on('error', () => undefined);
    return client;
  }

  private readonly refuseRequest: PostHogOptions['fetch'] = (url) => {
    this.requests.push(url);
    return Promise.reject(new Error('The reference must not ask a server.'));
  };
}

type LocalOptions = NonNullable<Parameters<PostHog['evaluateFlags']>[1]>;

function asOptions({ personProperties, groups, groupProperties }: EvaluationContext): LocalOptions {
  const given = { personProperties, groups, groupProperties };
  return { ...given, onlyEvaluateLocally: true } as LocalOptions;
}

function unresolved(reason: string | undefined): Answer {
  return { value: undefined, payload: undefined, unresolved: reason ?? 'unnamed' };
}
