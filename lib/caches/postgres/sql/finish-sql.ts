/**
 * FINISH: a claim ends, once, and only while it is the last one granted. Answers 0 fenced,
 * 1 accepted, 2 must-publish; a refusal has written nothing.
 *
 * `request`: instance, token, kind, nextDueMs, notBeforeMs, reason, etag, schema, digest, codec,
 * sizeBytes, channel, lockTimeoutMs.
 */
import {
  boundLocksSql,
  declareState,
  loadSql,
  lookForBodySql,
  saveSql,
  type SqlParts,
} from './common-sql.js';
import { hintSql, isStagedSql, switchHeadSql } from './publication-sql.js';

export function finishSql(parts: SqlParts): string {
  return `
DECLARE${declareState}
  instance text := request->>'instance';
  ended text := request->>'kind';
  itsToken bigint := (request->>'token')::bigint;
BEGIN${boundLocksSql}${loadSql(parts, 'FOR UPDATE')}
  IF its_holder = '' OR its_holder <> instance OR its_token <> itsToken THEN RETURN '[0]'; END IF;
${lookForBodySql(parts)}
  IF ended = 'same' AND isBroken THEN RETURN '[2]'; END IF;
  IF ended = 'new' AND NOT ${isStagedSql(parts, 'itsToken')} THEN RETURN '[2]'; END IF;

  its_holder := '';
  its_leaseEndsAt := 0;
  its_finishedAt := nowMs;
  its_dueAt := nowMs + (request->>'nextDueMs')::bigint;
  its_notBeforeAt := 0;
  IF ended = 'handed-over' THEN
    its_leader := '';
    its_dueAt := nowMs;
    -- A hint, as in a publication: the next to look is due at once.
    ${hintSql('its_revision')}
  ELSIF ended = 'unheard' THEN
    its_leader := '';
  ELSIF ended = 'failed' THEN
    its_leader := '';
    its_reason := request->>'reason';
    its_failuresInARow := its_failuresInARow + 1;
    its_notBeforeAt := nowMs + (request->>'notBeforeMs')::bigint;
    its_dueAt := greatest(its_dueAt, its_notBeforeAt);
  ELSE
    its_leader := instance;
    its_reason := '';
    its_failuresInARow := 0;
    its_verifiedToken := itsToken;
    its_verifiedAt := nowMs;
  END IF;

  IF ended = 'new' THEN${switchHeadSql(parts, 'itsToken')}
  ELSIF ended = 'same' AND request->>'etag' <> '' THEN
    its_etag := request->>'etag';
  END IF;
${saveSql(parts)}
  RETURN '[1]';
END`;
}
