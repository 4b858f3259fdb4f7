/**
 * CHECK: one look at the store, in one round trip, and a claim when a refresh is due. Writes the
 * caller's membership always, and the state only where it changed; the reply of an unchanged
 * check is about 100 bytes.
 *
 * ARGV: instance, revision, digest, token, kick, graceMs, sitOutMs, leaseMs, longestDueMs,
 * shortestGapMs, memberTtlMs, ageMs (empty for none), floor.
 */
import { LOST_TOKENS } from '../../../core/coordination/claim-rules.js';

export const checkLua = `
local instance, digest, isKick = ARGV[1], ARGV[3], ARGV[5] == '1'
local held, seenToken = number(ARGV[2], HIGHEST_FROM_CALLER), number(ARGV[4], HIGHEST_FROM_CALLER)
local graceMs, sitOutMs, leaseMs = number(ARGV[6]), number(ARGV[7]), number(ARGV[8])
local longestDueMs, shortestGapMs = number(ARGV[9]), number(ARGV[10])
local memberTtlMs = number(ARGV[11])

-- Membership first: a foreign value there ends the script before anything else is written.
-- Short of memory, the fleet does without it and goes on following.
local sign = whole(now) .. ' ' .. whole(number(ARGV[2])) .. ' ' .. ARGV[12]
local seen = redis.pcall('HSET', KEYS[2], instance, sign)
if type(seen) == 'table' and seen.err and not string.find(seen.err, 'OOM', 1, true) then
  return seen
end

-- Clamp: times that cannot be are the work of a clock that jumped.
if state.leaseEndsAt > now + leaseMs then state.leaseEndsAt = 0 end
if state.verifiedAt > now then state.verifiedAt = now end
if state.dueAt > now + longestDueMs then state.dueAt = now end
if state.finishedAt > now then
  state.finishedAt = math.max(0, now - shortestGapMs)
  state.dueAt = math.min(state.dueAt, math.max(now, state.notBeforeAt))
end

-- Floor: an instance that holds more than the store knows, or cannot read it, proves a loss.
held = math.max(held, number(ARGV[13], HIGHEST_FROM_CALLER))
if held > state.revision and held > state.floor then state.floor = held end

-- Pull: a kick, or lost content, is due as soon as the gap and the source allow.
local mustPublish = isBroken()
if isKick or (mustPublish and state.revision + state.floor > 0) then
  local soonest = math.max(now, state.finishedAt + shortestGapMs, state.notBeforeAt)
  state.dueAt = math.min(state.dueAt, soonest)
end

local verdict = 0
if state.holder ~= '' and state.leaseEndsAt > now then
  verdict = 1
else
  local longerMs = 0
  if sitOutMs > 0 then
    longerMs = sitOutMs
  elseif state.leader ~= '' and state.leader ~= instance then
    longerMs = graceMs
  end
  if now >= state.dueAt + longerMs then verdict = 2 end
end

if verdict == 2 then
  local stored, known = math.max(state.token, state.revision), math.max(state.floor, seenToken)
  local following = stored + 1
  if known > stored then following = known + ${LOST_TOKENS} end
  state.token = math.max(following, now)
  state.holder = instance
  state.leaseEndsAt = now + leaseMs
  local members = redis.call('HGETALL', KEYS[2])
  for i = 1, #members, 2 do
    local seenAt = number(string.match(members[i + 1], '^%d+'))
    if math.abs(now - seenAt) > memberTtlMs then redis.call('HDEL', KEYS[2], members[i]) end
  end
end
save()

local news, etag, ageMs = false, false, false
if state.revision > 0 and state.digest ~= digest then news = state.digest end
if verdict == 2 and not mustPublish and state.etag ~= '' then etag = state.etag end
if state.verifiedAt > 0 then ageMs = now - state.verifiedAt end
return {verdict, state.token, state.revision, news, etag, state.verifiedToken,
  mustPublish and 1 or 0, state.dueAt - now, ageMs, state.failuresInARow,
  redis.call('HLEN', KEYS[2]), state.reason ~= '' and state.reason}`;
