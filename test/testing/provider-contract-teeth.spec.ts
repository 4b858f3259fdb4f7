/** The contract of cache providers sees each known way of being a bad one, where it is bad. */
import { describe, expect, it } from '@jest/globals';
import type { FlagDefinitionCacheData } from '../../lib/core/definitions/flag-definitions.js';
import { describeFlagDefinitionCacheProvider } from '../../lib/testing.js';
import type { FlagDefinitionCacheProvider } from '../../lib/index.js';
import { failuresOf } from '../support/collecting-runner.js';
import { plainPlace, PlainProvider, RichProvider } from '../support/provider-places.js';
import type { PlainShare } from '../support/provider-places.js';

const never = new Promise<never>(() => undefined);
const closed = new WeakSet<object>();

/** Each breaks one promise of the plain provider. */
const broken: Readonly<Record<string, new (share: PlainShare) => FlagDefinitionCacheProvider>> = {
  'gives up whatever lock there is': class extends PlainProvider {
    override shutdown(): void {
      this.share.lock = undefined;
    }
  },
  'gives up no lock': class extends PlainProvider {
    override shutdown(): void {
      // The lock is left to expire.
    }
  },
  'has a lock that never expires': class extends PlainProvider {
    override shouldFetchFlagDefinitions(): boolean {
      const { lock } = this.share;
      if (lock !== undefined) this.share.lock = { ...lock, endsAtMs: Infinity };
      return super.shouldFetchFlagDefinitions();
    }
  },
  'lets everybody fetch': class extends PlainProvider {
    override shouldFetchFlagDefinitions(): boolean {
      return true;
    }
  },
  'lets nobody fetch': class extends PlainProvider {
    override shouldFetchFlagDefinitions(): boolean {
      return false;
    }
  },
  'keeps the fields that it knows': class extends PlainProvider {
    override async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
      const { flags, group_type_mapping, cohorts } = data;
      await super.onFlagDefinitionsReceived({ flags, group_type_mapping, cohorts });
    }
  },
  'keeps what it had first': class extends PlainProvider {
    override async onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
      if (this.share.stored === undefined) await super.onFlagDefinitionsReceived(data);
    }
  },
  'takes the definitions with it': class extends PlainProvider {
    override shutdown(): void {
      this.share.stored = undefined;
      super.shutdown();
    }
  },
  'cannot be shut down twice': class extends PlainProvider {
    override shutdown(): void {
      if (closed.has(this)) throw new Error('it is closed');
      closed.add(this);
      super.shutdown();
    }
  },
  'hangs when it has been shut down': class extends PlainProvider {
    override shutdown(): void {
      closed.add(this);
      super.shutdown();
    }

    override onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
      return closed.has(this) ? never : super.onFlagDefinitionsReceived(data);
    }
  },
  'throws where it promised': class extends PlainProvider {
    override shutdown(): void {
      closed.add(this);
      super.shutdown();
    }

    override onFlagDefinitionsReceived(data: FlagDefinitionCacheData): Promise<void> {
      if (closed.has(this)) throw new Error('it is closed');
      return super.onFlagDefinitionsReceived(data);
    }
  },
  'answers with a document of another kind': class extends PlainProvider {
    override getFlagDefinitions(): FlagDefinitionCacheData | undefined {
      return (super.getFlagDefinitions() ?? {}) as FlagDefinitionCacheData;
    }
  },
  'has a method that is none': class extends PlainProvider {
    readonly watch = true as never;
  },
  'tells its watchers of nothing': class extends RichProvider {
    override watch(): () => void {
      return () => undefined;
    }
  },
  'loses what was confirmed': class extends RichProvider {
    override onFlagDefinitionsConfirmed(): void {
      this.share.stored = undefined;
    }
  },
  'keeps the lock after a failed fetch': class extends RichProvider {
    override onFetchFailed(): void {
      // Nobody else may try.
    }
  },
};

const caught: Readonly<Record<keyof typeof broken, readonly RegExp[]>> = {
  'gives up whatever lock there is': [/^F01/],
  'gives up no lock': [/^F57/],
  'has a lock that never expires': [/^F09/],
  'lets everybody fetch': [/^F19/, /^is for nobody else/, /^F01/, /follow|replaced/],
  'lets nobody fetch': [/^F19/, /asks twice/],
  'keeps the fields that it knows': [/^come back whole/],
  'keeps what it had first': [/^are replaced/],
  'takes the definitions with it': [/^are still there/],
  'cannot be shut down twice': [/^comes as often/],
  'hangs when it has been shut down': [/^lets no later call hang/],
  'throws where it promised': [/^lets no later call hang/],
  'answers with a document of another kind': [/^are undefined or null/],
  'has a method that is none': [/^has the four methods/],
  'tells its watchers of nothing': [/^watch\(\)/],
  'loses what was confirmed': [/^onFlagDefinitionsConfirmed/],
  'keeps the lock after a failed fetch': [/^onFetchFailed/],
};

const inMemory = {
  bounded: 'nothing can hang in memory',
  stopServer: 'it is in memory',
  startServer: 'it is in memory',
};

function failuresWith(
  make: (share: PlainShare) => FlagDefinitionCacheProvider,
  lacks: object = { ordered: 'it looks at nothing' },
): Promise<string[]> {
  return failuresOf((runner) => {
    const options = { runner, patienceMs: 300, lacks: { ...inMemory, ...lacks } };
    describeFlagDefinitionCacheProvider('broken', () => plainPlace(make), options);
  });
}

/** Those whose fault shows in more than what it is named by. */
const wide = ['lets everybody fetch', 'lets nobody fetch', 'has a method that is none'];

describe('a provider that', () => {
  it.each(Object.entries(broken))('%s is seen, at that', async (name, Broken) => {
    const failures = await failuresWith((share) => new Broken(share));
    const expected = caught[name] ?? [];
    expect(expected.filter((one) => !failures.some((failure) => one.test(failure)))).toEqual([]);
    const unexpected = failures.filter((failure) => !expected.some((one) => one.test(failure)));
    expect(wide.includes(name) ? [] : unexpected).toEqual([]);
  });

  it('is as PostHog’s examples are is seen at what they do not promise, and at nothing else', async () => {
    await expect(failuresWith((share) => new PlainProvider(share), {})).resolves.toEqual([
      expect.stringMatching(/^F03/),
    ]);
    await expect(failuresWith((share) => new RichProvider(share))).resolves.toEqual([]);
  });

  it('lacks a hook that is not excused is told which', async () => {
    const errors = await errorsOf(PlainProvider);
    const missing = errors.filter((error) => /needs stopServer\(\)/.test(String(error)));
    expect(missing).toHaveLength(2);
  });

  it('breaks a promise is told by which name it may be left out, also where the stack is shown', async () => {
    const errors = await errorsOf(PlainProvider);
    const hint = "leave the case out and say why: the option lacks: { takeover: 'why not' } or { ordered: 'why not' }."; // prettier-ignore
    const told = errors.filter(({ message }) => message.includes(hint));
    expect(told).toHaveLength(1);
    expect(told[0]?.stack).toContain(hint);
  });

  it('tells a follower to fetch is told of the times', async () => {
    const Broken = broken['lets everybody fetch'];
    const errors = await errorsOf(Broken!);
    expect(errors.map(String).join('\n')).toMatch(/a follower was told to fetch .* options intervalMs and takeoverMs/); // prettier-ignore
  });
});

/** What the cases of the whole contract end with, hooks that nobody excuses included. */
async function errorsOf(Given: new (share: PlainShare) => FlagDefinitionCacheProvider) {
  const cases: (() => Promise<void>)[] = [];
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    it: (_name: string, body: () => Promise<void>) => cases.push(body),
  };
  const open = () => plainPlace((share) => new Given(share));
  describeFlagDefinitionCacheProvider('bare', open, { runner, patienceMs: 300 });
  const errors: Error[] = [];
  for (const body of cases) await body().catch((error: Error) => errors.push(error));
  return errors;
}
