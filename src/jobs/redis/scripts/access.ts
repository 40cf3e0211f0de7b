/** Counting requests. KEYS and ARGV as each script says. */

/** By name: Lua. */
export const access = {
  /** KEYS: the counter. ARGV: milliseconds that it lives. Answers its count, and the milliseconds that it still lives. */
  countHit: `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`,
} as const;
