/**
 * Bodies: laid down before their publication, and the switch of the head to one of them, which is
 * part of FINISH and of PUBLISH. A body has a row of its own that is never overwritten while it
 * counts; PostgreSQL has no rows that expire, so the next publication removes those whose time is
 * over.
 */
import {
  STAGED_BODY_TTL_MS,
  SUPERSEDED_BODY_TTL_MS,
} from '../../../core/coordination/claim-rules.js';
import { boundLocksSql, type SqlParts } from './common-sql.js';

/** Keeps what lies there. `request`: revision, facts (what else is known of the body). */
export function stageSql({ table, time }: SqlParts): string {
  return `
DECLARE
  nowMs bigint;
BEGIN${boundLocksSql}
  nowMs := ${time};
  INSERT INTO ${table} AS lying (namespace, kind, name, facts, expires_at, content)
    VALUES (cache, 'body', request->>'revision', request->'facts',
      nowMs + ${STAGED_BODY_TTL_MS}, bytes)
    ON CONFLICT (namespace, kind, name) DO UPDATE
      SET facts = EXCLUDED.facts, expires_at = EXCLUDED.expires_at, content = EXCLUDED.content
      WHERE lying.expires_at <= nowMs;
  RETURN '[]';
END`;
}

/** Whether the body of this content was laid down. */
export function isStagedSql({ table }: SqlParts, revision: string): string {
  return `EXISTS (SELECT FROM ${table} WHERE namespace = cache AND kind = 'body'
    AND name = ${revision}::text AND facts->>'digest' = request->>'digest'
    AND (expires_at IS NULL OR expires_at > nowMs))`;
}

/**
 * Sets the head on the variables, and the lives of the bodies; to be saved after it. The hint goes
 * out when all this is committed, and not when it is not.
 */
export function switchHeadSql({ table }: SqlParts, revision: string): string {
  return `
    DELETE FROM ${table} WHERE namespace = cache AND kind = 'body' AND expires_at <= nowMs;
    UPDATE ${table} SET expires_at = nowMs + ${SUPERSEDED_BODY_TTL_MS}
      WHERE its_revision > 0 AND namespace = cache AND kind = 'body'
        AND name = its_revision::text;
    UPDATE ${table} SET expires_at = NULL
      WHERE namespace = cache AND kind = 'body' AND name = ${revision}::text;
    its_revision := ${revision};
    its_schema := (request->>'schema')::bigint;
    its_sizeBytes := (request->>'sizeBytes')::bigint;
    its_digest := request->>'digest';
    its_etag := request->>'etag';
    its_codec := request->>'codec';
    ${hintSql('its_revision')}`;
}

export function hintSql(revision: string): string {
  return `PERFORM pg_notify(request->>'channel', ${revision}::text);`;
}
