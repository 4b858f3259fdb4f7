/**
 * The coordinations that need nothing of the records, as an app writes them: `timeSlots()`,
 * `randomBackoff()`, `always()`, `never()`. Their options are checked when the cache is opened,
 * for some make sense only beside its times; all that is wrong with one is told in one error.
 */
import { FlagsError } from '../errors/flags-error.js';
import { Always } from './always.js';
import type { CoordinationFactory, CoordinationParts } from './coordination-factory.js';
import { RandomBackoff } from './random-backoff.js';
import { ReaderCoordination } from './reader.js';
import { SelfChosenCoordination, type FetchChooser } from './self-chosen.js';
import { TimeSlots } from './time-slots.js';

/** @publicApi */
export interface TimeSlotsOptions {
  /** Which of the instances this one is, 0 to `of - 1`: of a StatefulSet, its ordinal. */
  readonly index: number;
  /** How many instances take turns, 1 to 10,000. */
  readonly of: number;
  /**
   * How long each slot is, in milliseconds, at most a day: two looks (`polling.checkMs`) or longer,
   * so that no instance can miss its own, and not longer than two intervals.
   * @default the interval shared by `of`, and at least two looks
   */
  readonly slotMs?: number;
}

/** @publicApi */
export interface RandomBackoffOptions {
  /** Chance that one look fetches when the refresh has just fallen due, above 0, at most 1. @default 0.1 */
  readonly chance?: number;
  /**
   * So long after the due time the next look fetches for certain, in milliseconds, 1 to a day.
   * @default the interval
   */
  readonly surelyAfterMs?: number;
}

const DAY_MS = 86_400_000;
const MOST_INSTANCES = 10_000;
const DEFAULT_CHANCE = 0.1;

/**
 * Each instance fetches in its own slot of the wall clock, if a refresh is due then: for records
 * without an atomic step, where instances have numbers. Two fetch at once only where their clocks
 * differ. A slot whose instance is away passes without a refresh: so one comes at the latest
 * `slotMs` for each that is away in a row, and two looks, after it was due.
 * @throws FlagsError `invalid-options` (the factory) that names every mistake.
 * @publicApi
 */
export function timeSlots(options: TimeSlotsOptions): CoordinationFactory {
  return (parts) => {
    const { intervalMs, checkMs } = parts;
    const { index, of, slotMs } = optionsOf('timeSlots', options, ['index', 'of', 'slotMs']);
    const mistakes = new Mistakes('timeSlots');
    const instances = mistakes.whole('of', of, 1, MOST_INSTANCES);
    const own = mistakes.whole('index', index, 0, (instances ?? MOST_INSTANCES) - 1);
    const least = 2 * checkMs;
    const most = Math.min(DAY_MS, Math.max(2 * intervalMs, least));
    const given = slotMs === undefined ? undefined : mistakes.number('slotMs', slotMs, least, most);
    mistakes.throwIfAny();
    const chooser = new TimeSlots({
      index: own ?? 0,
      of: instances ?? 1,
      slotMs: given ?? Math.max(Math.round(intervalMs / (instances ?? 1)), least),
      intervalMs,
    });
    return selfChosen(chooser, parts);
  };
}

/**
 * Whoever finds the refresh due fetches with a small chance, which grows the longer it is overdue:
 * for records without an atomic step, where instances have no numbers. Now and then two fetch. The
 * refresh comes at the latest `surelyAfterMs` and a look after it was due.
 * @throws FlagsError `invalid-options` (the factory) that names every mistake.
 * @publicApi
 */
export function randomBackoff(options: RandomBackoffOptions = {}): CoordinationFactory {
  return (parts) => {
    const { intervalMs, random } = parts;
    const given = optionsOf('randomBackoff', options, ['chance', 'surelyAfterMs']);
    const { chance = DEFAULT_CHANCE, surelyAfterMs = intervalMs } = given;
    const mistakes = new Mistakes('randomBackoff');
    mistakes.number('chance', chance, Number.MIN_VALUE, 1, 'above 0 and at most 1');
    mistakes.number('surelyAfterMs', surelyAfterMs, 1, DAY_MS);
    mistakes.throwIfAny();
    const settings = { chance: Number(chance), surelyAfterMs: Number(surelyAfterMs) };
    return selfChosen(new RandomBackoff({ ...settings, intervalMs, random }), parts);
  };
}

/**
 * Every instance fetches every interval and publishes what is newer: the source is asked as often
 * as without a cache, and no instance waits for another. The shared copy serves those that start.
 * @publicApi
 */
export function always(): CoordinationFactory {
  return (parts) => {
    const { intervalMs, jitter, random } = parts;
    return selfChosen(new Always({ intervalMs, jitter, random }), parts);
  };
}

/**
 * A reader: this instance never asks the source, whatever happens to the cache. Until others have
 * published it has no definitions, and its state says so; what they publish it sees at its next
 * look, or sooner where the records push. The source is needed all the same: it says which
 * project's copy to read.
 * @publicApi
 */
export function never(): CoordinationFactory {
  return ({ records }) => new ReaderCoordination(records);
}

function selfChosen(
  chooser: FetchChooser,
  { records, clock, intervalMs, leaseMs }: CoordinationParts,
): SelfChosenCoordination {
  return new SelfChosenCoordination({ records, clock, chooser, intervalMs, leaseMs });
}

/** What was given may not come from TypeScript. */
function optionsOf<Name extends string>(
  factory: string,
  options: unknown,
  known: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  const isRecord = typeof options === 'object' && options !== null && !Array.isArray(options);
  const unknownName = isRecord
    ? Object.keys(options).find((name) => !known.some((one) => one === name))
    : undefined;
  if (isRecord && unknownName === undefined) {
    return options as Readonly<Partial<Record<Name, unknown>>>;
  }
  const got = isRecord ? `the unknown option ${unknownName}` : 'no object';
  const what = `${factory}() got ${got}, expected an object with ${known.join(', ')}.`;
  throw new FlagsError(what, { code: 'invalid-options' });
}

/** What is wrong with the options of one factory, told together. */
class Mistakes {
  private readonly found: string[] = [];

  constructor(private readonly factory: string) {}

  whole(name: string, value: unknown, min: number, max: number): number | undefined {
    const range = `a whole number from ${min} to ${max}`;
    if (Number.isInteger(value)) return this.number(name, value, min, max, range);
    return this.wrong(name, value, range);
  }

  number(
    name: string,
    value: unknown,
    min: number,
    max: number,
    range = `a number from ${min} to ${max}`,
  ) {
    // prettier-ignore
    if (typeof value === 'number' && value >= min && value <= max) return value;
    return this.wrong(name, value, range);
  }

  /** @throws FlagsError `invalid-options` when anything was wrong. */
  throwIfAny(): void {
    if (this.found.length === 0) return;
    throw new FlagsError(`${this.factory}(): ${this.found.join(' ')}`, { code: 'invalid-options' });
  }

  private wrong(name: string, value: unknown, range: string): undefined {
    const got = typeof value === 'number' ? String(value) : `a value of the kind ${typeof value}`;
    this.found.push(`${name}: got ${got}, expected ${range}.`);
  }
}
