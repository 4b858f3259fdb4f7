/**
 * The scripts that belong to no claim: a publication and a confirmation in the name of another
 * way of coordination, the head, the members, and a member's leave.
 */

/**
 * ARGV: revision, etag, schema, digest, codec, sizeBytes, supersededTtlMs, channel. As FINISH
 * answers.
 */
export const publishLua = `
local revision = number(ARGV[1], HIGHEST_FROM_CALLER)
if revision <= state.revision then return 0 end
if not isStaged(revision, ARGV[4]) then return 2 end
if revision >= state.token then
  state.token, state.holder, state.leaseEndsAt = revision, '', 0
end
state.verifiedToken, state.verifiedAt = math.max(state.verifiedToken, revision), now
publish(revision, {etag = ARGV[2], schema = ARGV[3], digest = ARGV[4], codec = ARGV[5],
  sizeBytes = ARGV[6]}, ARGV[7], ARGV[8])
return 1`;

/** ARGV: revision. */
export const confirmLua = `
local revision = number(ARGV[1])
if revision == 0 or state.revision ~= revision or isBroken() then return 0 end
state.verifiedAt = now
save()
return 1`;

/** Writes nothing. Answers nil when there is no record. */
export const headLua = `
if state.revision == 0 then return false end
return {state.schema, state.revision, state.digest, state.etag, state.codec, state.sizeBytes,
  math.max(0, now - state.verifiedAt)}`;

/** Writes nothing. Answers the store's time, the hash of members, and which of them leads. */
export const membersLua = `
return {now, redis.call('HGETALL', KEYS[2]), state.leader}`;

/** ARGV: instance. */
export const leaveLua = `
redis.call('HDEL', KEYS[2], ARGV[1])
if state.leader == ARGV[1] then state.leader = '' end
save()
return 1`;
