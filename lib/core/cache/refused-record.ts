/**
 * What is said of a shared record that cannot be used. `invalid-definitions`: it may be good for
 * others, and stays. `foreign-value`: it is good for nobody, so it is asked for anew.
 */
import { FlagsError, type FlagsErrorCode, type FlagsErrorFacts } from '../errors/flags-error.js';

/** @param revision of the record, so that each is told of once; undefined where it has none. */
export function refusedRecord(
  revision: number | undefined,
  what: string,
  advice: string,
  facts: FlagsErrorFacts & {
    readonly code: Extract<FlagsErrorCode, 'invalid-definitions' | 'foreign-value'>;
  } = { code: 'invalid-definitions' },
): FlagsError {
  const which = revision === undefined ? '' : ` (revision ${revision})`;
  return new FlagsError(`The shared record${which} ${what}. It is refused. ${advice}`, facts);
}

/** Whether a record lay there, and was refused: asked again, it is refused again. */
export function isRefusal(code: FlagsErrorCode | undefined): boolean {
  return code === 'invalid-definitions' || code === 'foreign-value';
}
