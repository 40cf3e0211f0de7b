/**
 * Checkpoints: which there are, and who needs them. KEYS and ARGV as each script says; `common.ts` has what all know.
 */
import { script } from './common.js';
import { removal } from './removal.js';

/** By name: Lua. */
export const checkpoints = {
  /** A user asks for a checkpoint. ARGV: its name. Answers 'missing' | 'asked' | the status in which there is none. */
  askCheckpoint: script(`
local status = get('status')
if not status then return 'missing' end
if status ~= 'running' then return status end
local asked = cjson.decode(get('_asked') or '[]')
table.insert(asked, ARGV[1])
set('_asked', cjson.encode(asked))
tellWorker()
return 'asked'`),

  /**
   * The attempt that runs has stored a checkpoint. KEYS: record, log, checkpoints. ARGV: attempt, lease, id, what is
   * told of it as JSON, its position as JSON, its name or ''. Answers how many there are now, or 0 if it may not.
   */
  addCheckpoint: script(`
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then return redis.call('HLEN', KEYS[3]) end
if not holds(ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[3], ARGV[3], redis.call('HINCRBY', record, '_checkpoints', 1) .. ' ' .. ARGV[4])
set('_at', ARGV[5])
emit('job.checkpoint', ARGV[3], '"checkpoint":' .. ARGV[4])
local asked = ARGV[6] ~= '' and get('_asked')
if asked then
  local rest = {}
  for _, name in ipairs(cjson.decode(asked)) do if name ~= ARGV[6] then table.insert(rest, name) end end
  if #rest > 0 then set('_asked', cjson.encode(rest)) else redis.call('HDEL', record, '_asked') end
end
return redis.call('HLEN', KEYS[3])`),

  /**
   * KEYS: record, log, checkpoints, the checkpoint's pins. ARGV: its id, the job that needs it. Answers 1, or 0: gone.
   */
  pinCheckpoint: script(`
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return 0 end
redis.call('SADD', KEYS[4], ARGV[2])
return 1`),

  /**
   * A job needs a checkpoint no more. ARGV: the job whose it is, its id, the job that needed it. Answers leftovers.
   */
  unpinCheckpoint: script(`${removal}
unpin(ARGV[1], ARGV[2], ARGV[3])
return leftovers`),

  /** KEYS as pinCheckpoint. ARGV: its id. Answers 1, or 0 where a job needs it. */
  dropCheckpoint: script(`
if redis.call('SCARD', KEYS[4]) > 0 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
return 1`),
} as const;
