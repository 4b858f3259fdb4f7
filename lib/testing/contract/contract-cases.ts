/**
 * A contract as data: cases by title, each with what it promises as its name. Every case gets a
 * place of its own, fresh, and leaves it closed. A case that a backend cannot be asked is left out
 * only when its spec says why; one that is asked for a hook that is not there fails and says so.
 */
import { isNativeError } from 'node:util/types';
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { runnerOf, type ContractRunner } from './contract-runner.js';

export interface ContractPlace {
  close(): Awaitable<void>;
}

export interface ContractCase<Trial> {
  /** What it promises, as one sentence with its title. */
  readonly name: string;
  /** Hooks of the place and promises of the backend without which it cannot be asked. */
  readonly needs?: readonly string[];
  readonly run: (trial: Trial) => Promise<void>;
}

export interface CaseGroup<Trial> {
  readonly title: string;
  readonly cases: readonly ContractCase<Trial>[];
}

export interface Contract<Place extends ContractPlace, Trial> {
  readonly name: string;
  readonly groups: readonly CaseGroup<Trial>[];
  /** Names of hooks: of the needs those that are methods of a place. */
  readonly hooks: readonly string[];
  readonly runner: ContractRunner | undefined;
  /** What the backend lacks, and why. */
  readonly lacks: Readonly<Record<string, string | undefined>>;
  readonly open: () => Awaitable<Place>;
  readonly begin: (place: Place) => Trial;
}

export function describeContract<Place extends ContractPlace, Trial>(
  contract: Contract<Place, Trial>,
): void {
  const { name, groups, lacks } = contract;
  const { describe, it } = runnerOf(contract.runner);
  const isAsked = ({ needs = [] }: ContractCase<Trial>): boolean =>
    needs.every((need) => lacks[need] === undefined);
  describe(name, () => {
    for (const { title, cases } of groups) {
      const asked = cases.filter(isAsked);
      if (asked.length === 0) continue;
      describe(title, () => {
        for (const one of asked) it(one.name, () => runIn(contract, one));
      });
    }
  });
}

/** The error of the case comes before one of the closing. */
async function runIn<Place extends ContractPlace, Trial>(
  { open, begin, hooks }: Contract<Place, Trial>,
  { needs = [], run }: ContractCase<Trial>,
): Promise<void> {
  const place = await open();
  const promised = needs.filter((need) => !hooks.includes(need));
  let failure: { readonly error: unknown } | undefined;
  try {
    for (const hook of needs.filter((need) => hooks.includes(need))) requireHook(place, hook);
    await run(begin(place)).catch((error: unknown) => {
      throw hinted(error, promised);
    });
  } catch (error) {
    failure = { error };
  }
  try {
    await place.close();
  } catch (error) {
    failure ??= { error };
  }
  if (failure !== undefined) throw failure.error;
}

/** The same error, which also says by which names of `lacks` its case would be left out. */
function hinted(error: unknown, promised: readonly string[]): unknown {
  // Not instanceof: under jest those of node:assert are of another realm.
  if (!isNativeError(error) || promised.length === 0) return error;
  const { message, stack } = error;
  const lacks = promised.map((name) => `{ ${name}: 'why not' }`).join(' or ');
  const hint = `Where this is not promised, leave the case out and say why: the option lacks: ${lacks}.`;
  const whole = `${message}\n${hint}`;
  const told = stack?.replace(message, () => whole);
  // Runners print the stack, which has a copy of the message. What cannot be changed stays.
  Reflect.set(error, 'message', whole);
  Reflect.set(error, 'stack', told);
  return error;
}

function requireHook(place: object, hook: string): void {
  if (typeof (place as Record<string, unknown>)[hook] === 'function') return;
  throw new Error(
    `This case needs ${hook}() of what open() gives. Provide it, or leave such cases out and say why: the option lacks: { ${hook}: 'why not' }.`,
  );
}
