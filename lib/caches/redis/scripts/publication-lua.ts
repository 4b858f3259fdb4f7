/**
 * Switching the head to another body: part of FINISH and of PUBLISH. The body lies in the store
 * already, under a key of its own; only its presence and its digest are looked at here. The head
 * is written first: it is the only step that memory can refuse, and then nothing has happened.
 */
export const publicationLua = `
-- Whether the body of this content was laid down: the digest stands at its beginning.
local function isStaged(revision, digest)
  local beginning = redis.call('GETRANGE', bodyKey(revision), 0, 511)
  return beginning ~= '' and string.find(beginning, digest, 1, true) ~= nil
end

local function publish(revision, content, supersededTtlMs, channel)
  local superseded = state.revision
  state.revision = revision
  state.schema, state.sizeBytes = number(content.schema), number(content.sizeBytes)
  state.digest, state.etag, state.codec = content.digest, content.etag, content.codec
  save()
  redis.call('PERSIST', bodyKey(revision))
  if superseded > 0 then redis.call('PEXPIRE', bodyKey(superseded), supersededTtlMs) end
  -- A hint. A user who may not publish loses the push, not the publication.
  redis.pcall('PUBLISH', channel, whole(revision))
end
`;
