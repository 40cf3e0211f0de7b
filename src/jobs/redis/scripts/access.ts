/** Counting requests and streams. KEYS and ARGV as each script says. */
import { clock } from './figures.js';

/** By name: Lua. */
export const access = {
  /** KEYS: the counter. ARGV: milliseconds that it lives. Answers its count, and the milliseconds that it still lives. */
  countHit: `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}`,
  /**
   * KEYS: what a stream is counted in. ARGV: its token, milliseconds that it counts, and of each key how many there may
   * be, -1 for any number. Answers 0, or the place of the limit that is reached; then nothing has changed.
   */
  takeStream: `${clock}
local now = nowMs()
for i, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  local most = tonumber(ARGV[2 + i])
  if most >= 0 and redis.call('ZCARD', key) >= most then return i end
end
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', key, 2 * ARGV[2])
end
return 0`,
  /** KEYS: what streams are counted in. ARGV: milliseconds that they count from now on, and their tokens. */
  renewStreams: `${clock}
local till = nowMs() + ARGV[1]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], till, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1])`,
} as const;
