/** Which jobs are to be pushed on, and how far each is. ARGV as each script says; `common.ts` has what all know. */
import { defaultTenant } from '../../../schema/tenant.js';
import { isTerminal, jobStatuses } from '../../record.js';
import { keys } from '../keys.js';
import { script } from './common.js';

/** Of a tenant's new jobs as many are taken up at a time. */
const takenUp = 1000;

const unended = jobStatuses.filter((status) => !isTerminal(status)).map((status) => `':${status}'`);

/** By name: Lua. */
export const pushes = {
  /**
   * Takes up jobs that were created since, and says which are to be looked at: those that are due, and those that have
   * begun to run. The first time, all that have not ended are taken up. ARGV: the process that asks, milliseconds for
   * which no other does, how many, the tenants. Answers id and state ('': none yet) of each; nil where another pushes.
   */
  takePushes: script(`
local holder = redis.call('GET', '${keys.pusher}')
if holder and holder ~= ARGV[1] then return nil end
-- Processes of an earlier version, which may have pushed meanwhile, take nothing out of it.
if not holder then redis.call('DEL', '${keys.pushesWaiting}') end
redis.call('SET', '${keys.pusher}', ARGV[1], 'PX', ARGV[2])
local now, taken = string.format('%.0f', nowMs()), {}
local function takeUp(id) redis.call('ZADD', '${keys.pushesDue}', 'NX', now, id) end
local function take(id)
  redis.call('ZADD', '${keys.pushesWaiting}', 'NX', now, id)
  table.insert(taken, {id, redis.call('HGET', '${keys.pushes}', id) or ''})
end
for i = 4, #ARGV do
  local tenant = ARGV[i]
  local jobs = '${keys.index()}' .. (tenant == '${defaultTenant}' and '' or '@' .. tenant)
  local seen = redis.call('HGET', '${keys.pushesSeen}', tenant)
  if seen then
    local created = redis.call('ZRANGEBYSCORE', jobs, '(' .. seen, '+inf', 'WITHSCORES', 'LIMIT', 0, ${takenUp})
    for at = 1, #created, 2 do
      takeUp(created[at])
      seen = created[at + 1]
    end
  else
    for _, status in ipairs({${unended.join(', ')}}) do
      for _, id in ipairs(redis.call('ZRANGE', jobs .. status, 0, -1)) do takeUp(id) end
    end
    seen = redis.call('GET', '${keys.created}') or 0
  end
  redis.call('HSET', '${keys.pushesSeen}', tenant, seen)
  for _, id in ipairs(redis.call('ZRANGE', jobs .. ':running', 0, -1)) do
    local due = redis.call('ZSCORE', '${keys.pushesDue}', id)
    if due and tonumber(due) > tonumber(now) and redis.call('HEXISTS', '${keys.pushes}', id) == 0 then take(id) end
  end
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', '${keys.pushesDue}', '-inf', now, 'LIMIT', 0, ARGV[3])) do take(id) end
return taken`),

  /**
   * Notes how far a job is. ARGV: the process that pushes it, the job, its state ('': none yet; 'failed': as it was;
   * 'done': it is not looked at any more), milliseconds until it is looked at again, and for which no other process pushes
   * from now on, what is counted of it, or ''. Answers 1, or 0 where another process pushes.
   */
  notePush: script(`
if redis.call('GET', '${keys.pusher}') ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', '${keys.pusher}', ARGV[5])
if ARGV[6] ~= '' then tally('pushes|' .. ARGV[6]) end
if ARGV[3] == 'failed' then return 1 end
-- One that has no run yet is looked at, and then only begins to be pushed.
if ARGV[3] ~= '' or tonumber(ARGV[4]) > 0 then redis.call('ZREM', '${keys.pushesWaiting}', ARGV[2]) end
if ARGV[3] == 'done' then
  redis.call('ZREM', '${keys.pushesDue}', ARGV[2])
  redis.call('HDEL', '${keys.pushes}', ARGV[2])
  return 1
end
if ARGV[3] ~= '' then redis.call('HSET', '${keys.pushes}', ARGV[2], ARGV[3]) end
redis.call('ZADD', '${keys.pushesDue}', string.format('%.0f', nowMs() + ARGV[4]), ARGV[2])
return 1`),

  /** The process pushes no more: another may at once. ARGV: it. */
  leavePushes: script(`
if redis.call('GET', '${keys.pusher}') == ARGV[1] then redis.call('DEL', '${keys.pusher}') end
return 1`),
} as const;
