/**
 * The lease of a fleet that is led: a row of its own, so that its owner, who writes it at each look,
 * holds nobody up who publishes. Who asks while another has it locks and writes nothing. The rules
 * are those of `lease-rules.ts`.
 */
import { LOST_TOKENS } from '../../../core/coordination/claim-rules.js';
import {
  boundLocksSql,
  declareState,
  loadSql,
  lockSql,
  numberSql,
  saveSql,
  type SqlParts,
} from './common-sql.js';

/**
 * `request`: owner, leaseMs, floor. Answers with a token, or 0 while another has the lease.
 *
 * The first attempt locks nothing. The lock of the row comes second: what is read and compared
 * under it, and the clock, is what counts.
 */
export function leadSql(parts: SqlParts): string {
  const { table } = parts;
  const row = `namespace = cache AND kind = 'lease' AND name = ''`;
  return `
DECLARE${declareState}
  needed bigint := (request->>'floor')::bigint;
  lease jsonb;
  sinceMs bigint;
  lastsMs bigint;
  given bigint;
BEGIN${boundLocksSql}${loadSql(parts, '')}
  IF needed > its_revision AND needed > its_floor THEN${lockSql(parts)}
    IF needed > its_revision THEN its_floor := greatest(its_floor, needed); END IF;
${saveSql(parts)}
  END IF;

  FOR attempt IN 1..2 LOOP
    IF attempt = 1 THEN
      SELECT facts INTO lease FROM ${table} WHERE ${row};
    ELSE
      LOOP
        SELECT facts INTO lease FROM ${table} WHERE ${row} FOR UPDATE;
        EXIT WHEN lease IS NOT NULL;
        INSERT INTO ${table} (namespace, kind, name, facts) VALUES (cache, 'lease', '', '{}')
          ON CONFLICT (namespace, kind, name) DO NOTHING;
      END LOOP;
    END IF;
${loadSql(parts, '')}
    sinceMs := abs(nowMs - ${numberSql("lease->>'takenAt'")});
    lastsMs := ${numberSql("lease->>'leaseMs'")};
    IF coalesce(lease->>'owner', '') NOT IN ('', request->>'owner') AND sinceMs < lastsMs THEN
      RETURN '[0]';
    END IF;
  END LOOP;

  given := greatest(${numberSql("lease->>'token'")}, its_token, its_revision);
  given := greatest(nowMs,
    CASE WHEN its_floor > given THEN its_floor + ${LOST_TOKENS} ELSE given + 1 END);
  UPDATE ${table} SET facts = jsonb_build_object('owner', request->>'owner', 'takenAt', nowMs,
    'leaseMs', (request->>'leaseMs')::bigint, 'token', given) WHERE ${row};
  RETURN jsonb_build_array(given)::text;
END`;
}

/** `request`: owner. What was numbered stays so. */
export function resignSql({ table }: SqlParts): string {
  return `
BEGIN${boundLocksSql}
  UPDATE ${table} SET facts = facts || '{"owner": ""}'
    WHERE namespace = cache AND kind = 'lease' AND name = ''
      AND facts->>'owner' = request->>'owner';
  RETURN '[1]';
END`;
}
