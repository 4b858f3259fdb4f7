/**
 * CHECK: one look at the store, in one round trip, and a claim when a refresh is due.
 *
 * Most looks change nothing but the caller's own membership. So the first attempt locks nothing:
 * a fleet that looks does not queue at one row, and its looks do not wait for the disk. Only where
 * the state would change is it read again under its lock. Whoever holds that lock may go on to the
 * rows of members; nobody who holds the row of a member waits for the lock.
 *
 * `request`: instance, revision (for the members), held (the higher of what it holds and needs),
 * digest, token, kick, graceMs, sitOutMs, leaseMs, longestDueMs, shortestGapMs, memberTtlMs,
 * ageMs (null for none), lockTimeoutMs.
 */
import { LOST_TOKENS } from '../../../core/coordination/claim-rules.js';
import {
  boundLocksSql,
  compareSql,
  declareState,
  loadSql,
  lockSql,
  lookForBodySql,
  numberSql,
  saveSql,
  type SqlParts,
} from './common-sql.js';

export function checkSql(parts: SqlParts): string {
  const { table } = parts;
  return `
DECLARE${declareState}
  instance text := request->>'instance';
  held bigint := (request->>'held')::bigint;
  sitOutMs bigint := (request->>'sitOutMs')::bigint;
  leaseMs bigint := (request->>'leaseMs')::bigint;
  shortestGapMs bigint := (request->>'shortestGapMs')::bigint;
  longerMs bigint;
  verdict int;
  given bigint;
  known bigint;
  instances bigint;
BEGIN${boundLocksSql}
  FOR attempt IN 1..2 LOOP
    IF attempt = 1 THEN${loadSql(parts, '')}
    ELSE${lockSql(parts)}
    END IF;
${rulesSql(parts)}
${compareSql}
    EXIT WHEN NOT hasChanged;
  END LOOP;
${saveSql(parts)}

  IF NOT hasChanged THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  INSERT INTO ${table} (namespace, kind, name, facts)
    VALUES (cache, 'member', instance, jsonb_build_object('seenAt', nowMs,
      'revision', (request->>'revision')::bigint, 'ageMs', (request->>'ageMs')::bigint))
    ON CONFLICT (namespace, kind, name) DO UPDATE SET facts = EXCLUDED.facts;
  IF verdict = 2 THEN
    DELETE FROM ${table} WHERE namespace = cache AND kind = 'member'
      AND abs(nowMs - ${numberSql("facts->>'seenAt'")}) > (request->>'memberTtlMs')::bigint;
  END IF;
  SELECT count(*) INTO instances FROM ${table} WHERE namespace = cache AND kind = 'member';

  RETURN jsonb_build_array(verdict, its_token, its_revision,
    CASE WHEN its_revision > 0 AND its_digest <> request->>'digest' THEN its_digest END,
    CASE WHEN verdict = 2 AND NOT isBroken THEN its_etag END,
    its_verifiedToken, isBroken::int, its_dueAt - nowMs,
    CASE WHEN its_verifiedAt > 0 THEN nowMs - its_verifiedAt END,
    its_failuresInARow, instances, nullif(its_reason, ''))::text;
END`;
}

/** The rules of a check, on the variables. */
function rulesSql(parts: SqlParts): string {
  return `
    -- Clamp: times that cannot be are the work of a clock that jumped.
    IF its_leaseEndsAt > nowMs + leaseMs THEN its_leaseEndsAt := 0; END IF;
    its_verifiedAt := least(its_verifiedAt, nowMs);
    IF its_dueAt > nowMs + (request->>'longestDueMs')::bigint THEN its_dueAt := nowMs; END IF;
    IF its_finishedAt > nowMs THEN
      its_finishedAt := greatest(0, nowMs - shortestGapMs);
      its_dueAt := least(its_dueAt, greatest(nowMs, its_notBeforeAt));
    END IF;

    -- Floor: an instance that holds more than the store knows, or cannot read it, proves a loss.
    IF held > its_revision AND held > its_floor THEN its_floor := held; END IF;

    -- Pull: a kick, or lost content, is due as soon as the gap and the source allow.
${lookForBodySql(parts)}
    IF (request->>'kick')::boolean OR (isBroken AND its_revision + its_floor > 0) THEN
      its_dueAt := least(its_dueAt,
        greatest(nowMs, its_finishedAt + shortestGapMs, its_notBeforeAt));
    END IF;

    longerMs := CASE
      WHEN sitOutMs > 0 THEN sitOutMs
      WHEN its_leader NOT IN ('', instance) THEN (request->>'graceMs')::bigint
      ELSE 0 END;
    verdict := CASE
      WHEN its_holder <> '' AND its_leaseEndsAt > nowMs THEN 1
      WHEN nowMs >= its_dueAt + longerMs THEN 2
      ELSE 0 END;

    IF verdict = 2 THEN
      given := greatest(its_token, its_revision);
      known := greatest(its_floor, (request->>'token')::bigint);
      its_token := greatest(nowMs,
        CASE WHEN known > given THEN known + ${LOST_TOKENS} ELSE given + 1 END);
      its_holder := instance;
      its_leaseEndsAt := nowMs + leaseMs;
    END IF;`;
}
