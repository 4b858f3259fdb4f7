/**
 * FINISH: a claim ends, once, and only while it is the last one granted. Answers 0 fenced,
 * 1 accepted, 2 must-publish; a refusal has written nothing.
 *
 * ARGV: instance, token, kind, nextDueMs, notBeforeMs, reason, etag, schema, digest, codec,
 * sizeBytes, supersededTtlMs, channel.
 */
export const finishLua = `
local instance, token, kind = ARGV[1], number(ARGV[2]), ARGV[3]
local content = {etag = ARGV[7], schema = ARGV[8], digest = ARGV[9], codec = ARGV[10],
  sizeBytes = ARGV[11]}

if state.holder == '' or state.holder ~= instance or state.token ~= token then return 0 end
if kind == 'new' and not isStaged(token, content.digest) then return 2 end
if kind == 'same' and isBroken() then return 2 end

state.holder, state.leaseEndsAt, state.finishedAt = '', 0, now
state.dueAt, state.notBeforeAt = now + number(ARGV[4]), 0
if kind == 'handed-over' then
  state.leader, state.dueAt = '', now
elseif kind == 'unheard' then
  state.leader = ''
elseif kind == 'failed' then
  state.leader, state.reason = '', ARGV[6]
  state.failuresInARow = state.failuresInARow + 1
  state.notBeforeAt = now + number(ARGV[5])
  state.dueAt = math.max(state.dueAt, state.notBeforeAt)
else
  state.leader, state.reason, state.failuresInARow = instance, '', 0
  state.verifiedToken, state.verifiedAt = token, now
end

if kind == 'new' then
  publish(token, content, ARGV[12], ARGV[13])
else
  if kind == 'same' and content.etag ~= '' then state.etag = content.etag end
  save()
  -- A hint, as in a publication: the next to look is due at once.
  if kind == 'handed-over' then redis.pcall('PUBLISH', ARGV[13], whole(state.revision)) end
end
return 1`;
