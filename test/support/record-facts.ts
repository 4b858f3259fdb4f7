/** The facts of a record, for codecs that are asked without a cache. */
import { createHash } from 'node:crypto';
import type { RecordFacts } from '../../lib/core/cache/codecs/record-codec.js';
import type { SealKey } from '../../lib/core/cache/codecs/seal-keys.js';

export function factsWith(facts: Partial<RecordFacts> = {}): RecordFacts {
  return {
    schema: 1,
    digest: createHash('sha256').update('definitions').digest('hex'),
    codec: 'json+sealed',
    revision: 7,
    key: 'shop:1',
    maxBytes: 1_000_000,
    ...facts,
  };
}

/** A key of a seal whose secret is as long as its name makes it. */
export function sealKey(id: string): SealKey {
  return { id, secret: createHash('sha256').update(id).digest('base64') };
}
