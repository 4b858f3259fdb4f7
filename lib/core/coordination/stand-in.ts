/**
 * What a store answers to an instance that has nothing, when it can be read and claims cannot be
 * had: here is something to read, and no claim. It is for the first definitions alone. Who has some
 * is to be told that claims cannot be had, and goes on as without the store.
 */
import type { RecordHead } from '../cache/definition-record.js';
import type { CheckReply } from './claim-store.js';

export function standIn({ revision, digest, ageMs }: RecordHead): CheckReply {
  return {
    verdict: 'not-due',
    token: revision,
    revision,
    digest,
    etag: undefined,
    verifiedToken: 0,
    mustPublish: false,
    dueInMs: 0,
    ageMs,
    failuresInARow: 0,
    reason: undefined,
    instances: undefined,
  };
}
