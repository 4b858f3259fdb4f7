/**
 * What lies under the key that PostHog's SDKs share, and the head beside it. Anybody may write
 * the copy at any time, without the head; so each script first looks whether the two still belong
 * together. KEYS: the copy, the head.
 */
import { HIGHEST_STORED } from '../../../core/coordination/whole-number.js';
import { MARK_FIELD } from '../interop-copy.js';
import { FOREIGN_VALUE, timeOfStoreLua } from './common-lua.js';

/** What `state` says of the copy. */
export const COPY_STATES = ['absent', 'ours', 'foreign'] as const;

const lookLua = `${timeOfStoreLua}
local FIELDS = {'format', 'revision', 'digest', 'etag', 'schema', 'sizeBytes', 'verifiedAt', 'length'}
local head = {}
for i, value in ipairs(redis.call('HMGET', KEYS[2], unpack(FIELDS))) do head[FIELDS[i]] = value or '' end
if head.format ~= '1' and redis.call('EXISTS', KEYS[2]) == 1 then
  return redis.error_reply('${FOREIGN_VALUE} ' .. KEYS[2])
end

local function whole(number)
  return string.format('%.0f', number)
end

-- What is no whole number was not written by us, and counts as lost.
local function number(text)
  local value = tonumber(text)
  if value and value >= 0 and value <= ${HIGHEST_STORED} and value == math.floor(value) then
    return value
  end
  return 0
end

local function mark(revision, digest)
  return '{"${MARK_FIELD}":{"revision":' .. whole(revision) .. ',"digest":"' .. digest .. '"},'
end

local revision, verifiedAt = number(head.revision), math.min(number(head.verifiedAt), now)
-- Also where a key of another type ends the script, before anything is written.
local length = redis.call('STRLEN', KEYS[1])
local state = 0
if length > 0 then
  local expected = mark(revision, head.digest)
  local isOurs = revision > 0 and whole(length) == head.length
    and redis.call('GETRANGE', KEYS[1], 0, #expected - 1) == expected
  state = isOurs and 1 or 2
end

-- The head outlives the copy, so that the next copy is known to be newer.
local function keep(ttlMs)
  redis.call('PEXPIRE', KEYS[1], ttlMs)
  redis.call('PEXPIRE', KEYS[2], 2 * ttlMs)
end

-- The head first: it is the only step that memory can refuse, and then nothing has happened.
local function write(content, rest, ttlMs)
  local text = mark(content.revision, content.digest) .. rest
  redis.call('HSET', KEYS[2], 'format', '1', 'revision', whole(content.revision),
    'digest', content.digest, 'etag', content.etag, 'schema', content.schema,
    'sizeBytes', content.sizeBytes, 'verifiedAt', whole(now), 'length', whole(#text))
  redis.call('SET', KEYS[1], text)
  keep(ttlMs)
end

local function facts()
  return {state, revision, head.digest, head.etag, number(head.schema), number(head.sizeBytes),
    math.max(0, now - verifiedAt), length}
end
`;

/**
 * ARGV: ttlMs. A copy that somebody still looks at is no leftover: its time to live is renewed,
 * which says nothing of its age.
 */
export const interopHeadLua = `${lookLua}
local left = redis.call('PTTL', KEYS[1])
if state == 1 and left >= 0 and left < tonumber(ARGV[1]) / 2 then keep(tonumber(ARGV[1])) end
return facts()`;

/** ARGV: revision. Answers as the head does and then the text, if it is of this revision. */
export const interopBodyLua = `${lookLua}
if state ~= 1 or whole(revision) ~= ARGV[1] then return false end
local answer = facts()
answer[#answer + 1] = redis.call('GET', KEYS[1])
return answer`;

/** ARGV: revision, digest, etag, schema, sizeBytes, ttlMs, channel, what follows the mark. */
export const interopPublishLua = `${lookLua}
local given = number(ARGV[1])
if given <= revision then return 0 end
write({revision = given, digest = ARGV[2], etag = ARGV[3], schema = ARGV[4], sizeBytes = ARGV[5]},
  ARGV[8], tonumber(ARGV[6]))
redis.pcall('PUBLISH', ARGV[7], whole(given))
return 1`;

/** ARGV: revision, ttlMs. */
export const interopConfirmLua = `${lookLua}
if state ~= 1 or whole(revision) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'verifiedAt', whole(now))
keep(tonumber(ARGV[2]))
return 1`;

/**
 * A copy that somebody else wrote gets our mark and a revision above all before, unless another
 * copy lies there by now. The same content keeps its revision: it was written again, so fetched.
 *
 * ARGV: SHA-1 of the text that was read, digest, schema, sizeBytes, ttlMs, channel, what follows
 * the mark.
 */
export const interopAdoptLua = `${lookLua}
local text = redis.call('GET', KEYS[1])
if not text or redis.sha1hex(text) ~= ARGV[1] then return 0 end
local isNew = revision == 0 or ARGV[2] ~= head.digest
local adopted = isNew and math.max(revision + 1, now) or revision
write({revision = adopted, digest = ARGV[2], etag = isNew and '' or head.etag, schema = ARGV[3],
  sizeBytes = ARGV[4]}, ARGV[7], tonumber(ARGV[5]))
if isNew then redis.pcall('PUBLISH', ARGV[6], whole(adopted)) end
return 1`;
