/**
 * What all scripts share: the clock, numbers, and reading and writing the state. The fields of
 * the hash carry the names of `ClaimState`, and each script says in Lua what the rules in
 * `core/coordination` say; a test compares them, operation by operation.
 *
 * KEYS: the hash of claims, the hash of members, what the keys of bodies begin with. The keys of
 * bodies are made in the scripts; they share the slot of the declared ones by their hash tag.
 */
import { HIGHEST_FROM_CALLER, HIGHEST_STORED } from '../../../core/coordination/whole-number.js';

/** The clock of the store, in whole milliseconds. */
export const timeOfStoreLua = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** For the comparison with the model only: the time as the last argument. */
export const timeOfTestLua = `
local now = tonumber(ARGV[#ARGV])`;

/** How a refusal to touch what is not ours begins. */
export const FOREIGN_VALUE = 'FLAGSFOREIGN';

/** Numbers are formatted by hand: Lua's own way would write 1e+15. */
export const commonLua = `
local HIGHEST = ${HIGHEST_STORED}
local HIGHEST_FROM_CALLER = ${HIGHEST_FROM_CALLER}
local NUMBERS = {'token', 'leaseEndsAt', 'dueAt', 'notBeforeAt', 'finishedAt', 'floor',
  'failuresInARow', 'verifiedToken', 'verifiedAt', 'schema', 'revision', 'sizeBytes'}
local TEXTS = {'holder', 'leader', 'reason', 'digest', 'etag', 'codec'}
local stored, state = {}, {}

local function whole(number)
  return string.format('%.0f', number)
end

-- What is no whole number was not written by us, and counts as lost.
local function number(text, limit)
  local value = tonumber(text or '')
  if value and value >= 0 and value <= (limit or HIGHEST) and value == math.floor(value) then
    return value
  end
  return 0
end

-- False when the hash is there but is not ours. A key of another type fails by itself.
local function load()
  local fields = {'format'}
  for _, name in ipairs(NUMBERS) do fields[#fields + 1] = name end
  for _, name in ipairs(TEXTS) do fields[#fields + 1] = name end
  local values = redis.call('HMGET', KEYS[1], unpack(fields))
  if values[1] ~= '1' and redis.call('EXISTS', KEYS[1]) == 1 then return false end
  for i = 2, #fields do stored[fields[i]] = values[i] end
  for _, name in ipairs(NUMBERS) do state[name] = number(stored[name]) end
  for _, name in ipairs(TEXTS) do state[name] = stored[name] or '' end
  return true
end

-- Writes what has changed, in one command: all of it or, when memory is short, nothing.
local function save()
  local changes = {}
  local function change(name, before, after)
    if before ~= after then
      changes[#changes + 1] = name
      changes[#changes + 1] = after
    end
  end
  for _, name in ipairs(NUMBERS) do change(name, stored[name] or '0', whole(state[name])) end
  for _, name in ipairs(TEXTS) do change(name, stored[name] or '', state[name]) end
  if #changes > 0 then redis.call('HSET', KEYS[1], 'format', '1', unpack(changes)) end
end

local function bodyKey(revision)
  return KEYS[3] .. whole(revision)
end

-- The content of a record is gone, was overtaken at an instance, or never was.
local function isBroken()
  return state.revision == 0 or state.floor > state.revision
    or redis.call('EXISTS', bodyKey(state.revision)) == 0
end

if not load() then
  return redis.error_reply('${FOREIGN_VALUE} ' .. KEYS[1])
end
`;
