/** The option `exposures`: its defaults, its limits, and what is said of what is wrong. */
import { describe, expect, it } from '@jest/globals';
import { resolveOptions } from '../../lib/options/feature-flags.resolved-options.js';
import { CollectingSink } from '../support/collecting-sink.js';
import { MutableSource } from '../support/mutable-source.js';

const source = new MutableSource();
const sink = new CollectingSink();
const read = (exposures: unknown) => resolveOptions({ source, exposures }).exposures;

const defaults = {
  sink,
  batchSize: 100,
  batchDelayMs: 5_000,
  queueSize: 10_000,
  flushTimeoutMs: 2_000,
};

describe('the option exposures', () => {
  it.each([[undefined], [false]])('left at %s is off', (value) => {
    expect(read(value)).toBeUndefined();
  });

  it('takes a sink, or a sink with limits', () => {
    expect(read(sink)).toEqual(defaults);
    const limits = { batchSize: 1, batchDelayMs: 10, queueSize: 1_000_000, flushTimeoutMs: 0 };
    expect(read(Object.freeze({ sink, ...limits }))).toEqual({ sink, ...limits });
  });

  it.each([
    [true, /exposures: got true, expected false, a sink such as new PostHogExposureSender/],
    ['posthog', /exposures: got a text of 7 letters/],
    [{}, /exposures\.sink: got undefined, expected an object with the method send/],
    [{ sink: { send: () => undefined } }, /exposures\.sink: .* and a description/],
    [{ sink: { capture: () => undefined } }, /or posthogSink\(client\) for a client of PostHog/],
    [{ sink, batchSize: 0 }, /exposures\.batchSize: got 0, .* from 1 to 1000\. .* for 100\./],
    [{ sink, batchSize: 1.5 }, /exposures\.batchSize: got 1\.5, expected a whole number/],
    [{ sink, batchDelayMs: 5 }, /exposures\.batchDelayMs: got 5, .* milliseconds from 10 to 60000/],
    [{ sink, queueSize: Infinity }, /exposures\.queueSize: got Infinity/],
    [
      { sink, queueSize: 99 },
      /exposures\.queueSize: got 99, .* less than exposures\.batchSize \(100\)/,
    ],
    [{ sink, flushTimeoutMs: 60_001 }, /exposures\.flushTimeoutMs: got 60001/],
    [
      { sink, flushTimeout: 1 },
      /exposures\.flushTimeout: there is no such option\. .*flushTimeoutMs/,
    ],
  ])('says of %j what is wrong, expected and to do', (value, said) => {
    expect(() => read(value)).toThrow(said);
  });
});
