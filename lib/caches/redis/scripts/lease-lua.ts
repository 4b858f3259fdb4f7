/**
 * Leases that one owner keeps. The first two are in the protocol of the examples in PostHog's
 * documentation, so that a worker with such an example and one with this package are held off by
 * each other: the value is the owner's id, and only its owner extends or removes it. Each has the
 * one key.
 *
 * The others say what `lease-rules.ts` says, on fields of the hash of claims, so that a token is
 * above all that lies there. No other script reads or writes these fields.
 */
import { LOST_TOKENS } from '../../../core/coordination/claim-rules.js';

/** KEYS: the lock. ARGV: owner, leaseMs. Answers 1 for the owner, else 0. */
export const acquireLeaseLua = `
local owner = redis.call('GET', KEYS[1])
if not owner then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return 1
end
if owner ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS: the lock. ARGV: owner. */
export const releaseLeaseLua = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** ARGV: owner, leaseMs, floor. Answers with a token, or 0 while another has the lease. */
export const leadLua = `
local floor = number(ARGV[3], HIGHEST_FROM_CALLER)
if floor > state.revision and floor > state.floor then
  state.floor = floor
  save()
end
local lease = redis.call('HMGET', KEYS[1],
  'leaseOwner', 'leaseTakenAt', 'leaseLengthMs', 'leaseToken')
local isHeld = lease[1] and math.abs(now - number(lease[2])) < number(lease[3])
if isHeld and lease[1] ~= ARGV[1] then return 0 end
local given = math.max(number(lease[4]), state.token, state.revision)
local token = given + 1
if state.floor > given then token = state.floor + ${LOST_TOKENS} end
token = math.max(token, now)
redis.call('HSET', KEYS[1], 'format', '1', 'leaseOwner', ARGV[1], 'leaseTakenAt', whole(now),
  'leaseLengthMs', whole(number(ARGV[2])), 'leaseToken', whole(token))
return token`;

/** ARGV: owner. What was numbered stays so. */
export const resignLua = `
if redis.call('HGET', KEYS[1], 'leaseOwner') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'leaseOwner')`;
