/**
 * The contract of a {@link RecordStore}, as a suite of tests: what every layer above relies on,
 * whatever the backend. A backend's spec is a call of it.
 */
import type { Awaitable } from '../../core/cache/flag-definition-cache-provider.js';
import { describeContract } from './contract-cases.js';
import { recordHints, recordPlaces } from './record-hints.js';
import { recordLosses } from './record-losses.js';
import { recordOrder } from './record-order.js';
import {
  recordHooks,
  recordTrial,
  type RecordContractOptions,
  type RecordPlace,
} from './record-place.js';
import { recordRoundTrip } from './record-round-trip.js';

/**
 * Describes, in the tests of the caller, that the stores which `open` gives are record stores. Each
 * case opens a place of its own and closes it. Asks nothing of claims: see `describeClaimStore`.
 * @param open a fresh place: a new key, table or folder.
 * @throws FlagsError `invalid-options` where there is no test runner.
 * @publicApi
 */
export function describeRecordStore(
  name: string,
  open: () => Awaitable<RecordPlace>,
  options: RecordContractOptions = {},
): void {
  describeContract({
    name: `the record store ${name}`,
    groups: [recordRoundTrip, ...recordOrder, ...recordHints, recordPlaces(open), ...recordLosses],
    hooks: recordHooks,
    runner: options.runner,
    lacks: options.lacks ?? {},
    open,
    begin: (place) => recordTrial(place, options),
  });
}
