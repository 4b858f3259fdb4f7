/** The properties of an event, where posthog-node has nothing to hold them against. */
import { describe, expect, it } from '@jest/globals';
import type { Exposure } from '../../../lib/core/exposure/exposure.js';
import { flagCalledProperties } from '../../../lib/posthog/exposures/flag-called-event.js';

const known: Exposure = {
  key: 'open',
  value: 'navy',
  distinctId: 'ada',
  groups: {},
  origin: 'fallback-cache',
  reason: 'condition_match',
  reasonText: undefined,
  flagId: 9,
  flagVersion: undefined,
  hasExperiment: false,
  minimalEvents: undefined,
  definitionsLoadedAt: undefined,
  requestId: undefined,
  evaluatedAt: 1_000,
  readAt: 2_000,
  errors: ['timeout'],
};

describe('a last known answer', () => {
  it('is sent as one that was not decided here, with its reason and why it is served', () => {
    expect(flagCalledProperties(known)).toEqual({
      $feature_flag: 'open',
      $feature_flag_response: 'navy',
      '$feature/open': 'navy',
      $feature_flag_id: 9,
      $feature_flag_reason: 'condition_match',
      locally_evaluated: false,
      $feature_flag_evaluated_at: 1_000,
      $feature_flag_has_experiment: false,
      $feature_flag_error: 'timeout',
    });
  });

  it('of which the server gave no reason has none', () => {
    const properties = flagCalledProperties({ ...known, reason: 'evaluated_remotely' });
    expect(properties).not.toHaveProperty('$feature_flag_reason');
  });
});

describe('the version of a flag', () => {
  it.each([
    ['local', undefined],
    ['remote', 4],
  ] as const)('of the origin %s is sent as %s', (origin, version) => {
    const properties = flagCalledProperties({ ...known, origin, flagVersion: 4 });
    expect(properties['$feature_flag_version']).toBe(version);
  });
});
