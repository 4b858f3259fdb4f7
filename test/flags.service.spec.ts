import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { CLOCK } from '../lib/feature-flags.tokens.js';
import { FeatureFlagsModule, FlagsService } from '../lib/index.js';
import type { EvaluationContext } from '../lib/index.js';
import { ManualClock } from '../lib/testing.js';
import {
  definitionsOf,
  off,
  on,
  onFor,
  unresolvable,
  variant,
} from './support/flag-definitions.js';
import { KeptLog } from './support/kept-log.js';
import { MutableSource } from './support/mutable-source.js';

const ada = { distinctId: 'ada', personProperties: { team: 'staff' } };

let module: TestingModule;
let flags: FlagsService;
let clock: ManualClock;
let source: MutableSource;

beforeEach(async () => {
  clock = new ManualClock();
  source = new MutableSource(
    definitionsOf(
      on('on'),
      off('off'),
      onFor('staff', 'team', 'staff'),
      variant('prices', 'high', { factor: 2 }),
      unresolvable('open'),
    ),
  );
  module = await Test.createTestingModule({
    imports: [
      FeatureFlagsModule.forRoot({ source, logger: new KeptLog(), polling: { enabled: false } }),
    ],
  })
    .overrideProvider(CLOCK)
    .useValue(clock)
    .compile();
  await module.init();
  flags = module.get(FlagsService);
});

afterEach(() => module.close());

describe('lookIfDue', () => {
  it('loads what has changed when a turn is due, and does nothing before', async () => {
    const { flags: before } = source.definitions;
    source.definitions = { flags: [...before, ...definitionsOf(on('new')).flags] };
    expect(await flags.lookIfDue()).toBeUndefined();
    await clock.advance(60_000);
    expect(await flags.lookIfDue()).toMatchObject({ kind: 'fetched' });
    expect(flags.local.isEnabled('new', ada)).toBe(true);
  });
});

describe('the service and its synchronous face', () => {
  it.each(['on', 'off', 'staff', 'prices', 'open', 'no-such-flag'])(
    'say the same of %s',
    async (key) => {
      expect(await flags.evaluate(key, ada)).toEqual(flags.local.evaluate(key, ada));
      expect(await flags.isEnabled(key, ada)).toBe(flags.local.isEnabled(key, ada));
      expect(await flags.variant(key, ada)).toBe(flags.local.variant(key, ada));
      expect(await flags.payload(key, ada)).toBe(flags.local.payload(key, ada));
      expect(flags.explain(key, ada)).toEqual(flags.local.explain(key, ada));
    },
  );

  it('evaluate one flag: value, variant, payload, reason, origin, revision', async () => {
    expect(await flags.evaluate('prices', ada)).toEqual({
      key: 'prices',
      value: 'high',
      enabled: true,
      variant: 'high',
      payload: { factor: 2 },
      reason: 'condition_match',
      conditionIndex: 0,
      origin: 'local',
      revision: flags.status().revision,
    });
  });

  it('evaluate all flags, or those named', async () => {
    const all = await flags.evaluateAll(ada);
    expect([...all].map(([key, { value }]) => [key, value])).toEqual([
      ['on', true],
      ['off', false],
      ['staff', true],
      ['prices', 'high'],
      ['open', undefined],
    ]);
    expect(all).toBeInstanceOf(Map);
    const some = flags.local.evaluateAll(ada, ['off', 'on']);
    expect([...some.keys()]).toEqual(['off', 'on']);
  });

  it('take an unresolved flag for off where only yes or no can be said', async () => {
    expect(await flags.isEnabled('open', ada)).toBe(false);
    expect(flags.local.variant('no-such-flag', ada)).toBeUndefined();
    expect(flags.local.evaluate('no-such-flag', ada).reason).toBe('unknown_flag');
  });

  it('explain with the values of properties only on demand', () => {
    const redacted = flags.explain('staff', ada);
    const shown = flags.explain('staff', ada, { showValues: true });
    expect(redacted.conditions[0]?.filters[0]?.actual).toBe('[redacted]');
    expect(shown.conditions[0]?.filters[0]?.actual).toBe('staff');
  });
});

describe('a context that says nothing', () => {
  const contexts: [string, unknown][] = [
    ['none', undefined],
    ['null', null],
    ['a text', 'ada'],
    ['an empty object', {}],
    ['an empty distinct id', { distinctId: '' }],
    ['a distinct id that is a number', { distinctId: 7 }],
  ];

  it.each(contexts)('leaves flags unresolved: %s', async (_what, given) => {
    const context = given as EvaluationContext | undefined;
    expect(await flags.evaluate('on', context)).toMatchObject({
      value: undefined,
      enabled: false,
      reason: 'missing_distinct_id',
    });
    expect((await flags.evaluateAll(context)).get('on')?.reason).toBe('missing_distinct_id');
    expect(flags.explain('on', context).evaluation.reason).toBe('missing_distinct_id');
  });

  it('never rejects, whatever the context does', async () => {
    const hostile = {
      get distinctId(): string {
        throw new Error('hostile');
      },
    };
    expect((await flags.evaluate('on', hostile)).value).toBeUndefined();
    expect((await flags.evaluateAll(hostile)).get('on')?.value).toBeUndefined();
    expect(flags.explain('on', hostile).evaluation.value).toBeUndefined();
  });
});

describe('before the first definitions', () => {
  it('every flag is unresolved, not_ready', async () => {
    const compiled = await Test.createTestingModule({
      imports: [FeatureFlagsModule.forRoot({ source, logger: new KeptLog() })],
    }).compile();
    const early = compiled.get(FlagsService);
    expect(await early.evaluate('on', ada)).toEqual({
      key: 'on',
      value: undefined,
      enabled: false,
      variant: undefined,
      payload: undefined,
      reason: 'not_ready',
      conditionIndex: undefined,
      origin: 'local',
      revision: undefined,
    });
    expect((await early.evaluateAll(ada)).size).toBe(0);
    const named = await early.evaluateAll(ada, ['on']);
    expect(named.get('on')?.reason).toBe('not_ready');
    expect(early.explain('on', ada)).toMatchObject({
      summary: 'No definitions are loaded yet, so no flag can be decided.',
      conditions: [],
    });
    expect(early.status()).toEqual({
      ready: false,
      state: 'starting',
      instance: expect.stringMatching(/^[0-9a-f-]{36}$/),
      role: 'alone',
      cache: 'memory',
      lastError: undefined,
      source: 'the test',
      revision: undefined,
      flagCount: 0,
      overrideCount: 0,
      ageMs: undefined,
      failuresInARow: 0,
      lastOutcome: undefined,
    });
    await compiled.close();
  });
});

describe('the status', () => {
  it('tells source, revision, flags, age and the last outcome', async () => {
    await clock.advance(1_500);
    expect(flags.status()).toEqual({
      ready: true,
      state: 'fresh',
      instance: expect.any(String),
      role: 'alone',
      cache: 'memory',
      lastError: undefined,
      source: 'the test',
      loadedFrom: 'source',
      revision: expect.any(Number),
      flagCount: 5,
      overrideCount: 0,
      ageMs: 1_500,
      failuresInARow: 0,
      lastOutcome: expect.objectContaining({ kind: 'fetched' }),
    });
    await flags.refresh();
    expect(flags.status().ageMs).toBe(0);
  });
});
