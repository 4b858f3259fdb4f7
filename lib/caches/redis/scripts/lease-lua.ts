/**
 * A lease that one owner keeps, in the protocol of the examples in PostHog's documentation, so
 * that a worker with such an example and one with this package are held off by each other: the
 * value is the owner's id, and only its owner extends or removes it. Each has the one key.
 */

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
