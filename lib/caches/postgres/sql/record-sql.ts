/**
 * The functions that belong to no claim: a publication and a confirmation in the name of another
 * way of coordination, the head, a body, the members, and a member's leave.
 */
import {
  boundLocksSql,
  declareState,
  loadSql,
  lockSql,
  lookForBodySql,
  numberSql,
  saveSql,
  type SqlParts,
} from './common-sql.js';
import { isStagedSql, switchHeadSql } from './publication-sql.js';

/** `request`: revision and what FINISH wants to know of content. Answers as FINISH does. */
export function publishSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
  given bigint := (request->>'revision')::bigint;
BEGIN${boundLocksSql}${lockSql(parts)}
  IF given <= its_revision THEN RETURN '[0]'; END IF;
  IF NOT ${isStagedSql(parts, 'given')} THEN RETURN '[2]'; END IF;
  IF given >= its_token THEN
    its_token := given;
    its_holder := '';
    its_leaseEndsAt := 0;
  END IF;
  its_verifiedToken := greatest(its_verifiedToken, given);
  its_verifiedAt := nowMs;
${switchHeadSql(parts, 'given')}
${saveSql(parts)}
  RETURN '[1]';
END`;
}

/** `request`: revision. Answers 1 when it was confirmed, else 0. */
export function confirmSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
  given bigint := (request->>'revision')::bigint;
BEGIN${boundLocksSql}${loadSql(parts, 'FOR UPDATE')}
  IF given = 0 OR its_revision <> given THEN RETURN '[0]'; END IF;
${lookForBodySql(parts)}
  IF isBroken THEN RETURN '[0]'; END IF;
  its_verifiedAt := nowMs;
${saveSql(parts)}
  RETURN '[1]';
END`;
}

/** Writes nothing. Null when there is no record. */
export function headSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
BEGIN${boundLocksSql}${loadSql(parts, '')}
  IF its_revision = 0 THEN RETURN NULL; END IF;
  RETURN jsonb_build_array(its_schema, its_revision, its_digest, its_etag, its_codec,
    its_sizeBytes, greatest(0, nowMs - its_verifiedAt))::text;
END`;
}

/**
 * Writes nothing. `request`: revision. Null when there is no such body. The bytes as base64, which
 * is two thirds of the way in which PostgreSQL writes bytes itself, and needs no parser of types.
 */
export function bodySql({ table, time }: SqlParts): string {
  return `
DECLARE
  nowMs bigint;
BEGIN${boundLocksSql}
  nowMs := ${time};
  RETURN (SELECT jsonb_build_array(facts, translate(encode(content, 'base64'), E'\\n', ''))::text
    FROM ${table} WHERE namespace = cache AND kind = 'body' AND name = request->>'revision'
      AND (expires_at IS NULL OR expires_at > nowMs));
END`;
}

/** Writes nothing. Answers the store's time, who leads, and what each member has said. */
export function membersSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
BEGIN${boundLocksSql}${loadSql(parts, '')}
  RETURN jsonb_build_array(nowMs, its_leader, (
    SELECT coalesce(jsonb_agg(jsonb_build_array(name, ${numberSql("facts->>'seenAt'")},
      ${numberSql("facts->>'revision'")}, facts->'ageMs')), '[]')
    FROM ${parts.table} WHERE namespace = cache AND kind = 'member'))::text;
END`;
}

/** `request`: instance. */
export function leaveSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
BEGIN${boundLocksSql}${loadSql(parts, 'FOR UPDATE')}
  DELETE FROM ${parts.table}
    WHERE namespace = cache AND kind = 'member' AND name = request->>'instance';
  IF its_leader = request->>'instance' THEN its_leader := ''; END IF;
${saveSql(parts)}
  RETURN '[1]';
END`;
}
