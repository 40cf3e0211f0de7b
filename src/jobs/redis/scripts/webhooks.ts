/** Deliveries are taken, settled and replayed. ARGV as each script says; `common.ts` has what all know. */
import { keys } from '../keys.js';
import { script } from './common.js';

/** Ended deliveries of a webhook that are kept. */
const keptDelivered = 100;
const keptDead = 1000;
/** Longer than any is tried: what a process of an earlier version has settled is still noted as waiting. */
const settledMs = 100 * 3_600_000;
/** Webhooks of jobs that are looked at in one go; how long one rests whose receiver has enough to do. */
const lookedAt = 1000;
const pauseMs = 500;

const common = `
local due, dead = '${keys.webhookDue('')}' .. ARGV[1], '${keys.webhookDead('')}' .. ARGV[1]
local delivered = '${keys.webhookDelivered('')}' .. ARGV[1]
local states, data = '${keys.webhookDeliveries('')}' .. ARGV[1], '${keys.webhookData('')}' .. ARGV[1]
local function keep(ended, count)
  for _, id in ipairs(redis.call('ZRANGE', ended, 0, -count - 1)) do
    redis.call('ZREM', ended, id)
    redis.call('HDEL', states, id)
    redis.call('HDEL', data, id)
  end
end
`;

/** By name: Lua. */
export const webhooks = {
  /** A test. ARGV: webhook, delivery, data. Answers 1, or 0 where there is no such webhook. */
  testWebhook: script(`
if redis.call('HEXISTS', placeOf(ARGV[1])) == 0 then return 0 end
deliver(ARGV[1], ARGV[2], 'webhook.test', nil, ARGV[3])
return 1`),

  /** Takes a webhook away. ARGV: webhook. */
  removeWebhook: script(`dropWebhook(ARGV[1])`),

  /**
   * Takes deliveries that are due; until a lease is over no other process does. ARGV: milliseconds of the lease, the
   * most to one receiver at a time, how many are on their way by receiver as JSON: a webhook, or of those of jobs,
   * as each may have its own, what `receiverOf` says. Answers webhook, id, state and data of each.
   */
  takeDeliveries: script(`
local taken, now, busy = {}, nowMs(), cjson.decode(ARGV[3])

-- False where the receiver has enough to do.
local function take(hook, json, receiver)
  local due = '${keys.webhookDue('')}' .. hook
  local free = ARGV[2] - (busy[receiver] or 0)
  local ids = free > 0 and redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, free) or {}
  busy[receiver] = (busy[receiver] or 0) + #ids
  for _, id in ipairs(ids) do
    redis.call('ZADD', due, string.format('%.0f', now + ARGV[1]), id)
    local state = redis.call('HGET', '${keys.webhookDeliveries('')}' .. hook, id)
    local data = redis.call('HGET', '${keys.webhookData('')}' .. hook, id)
    table.insert(taken, {json, id, state, data})
  end
  return free > 0
end

local hooks = redis.call('HGETALL', '${keys.webhooks}')
for i = 1, #hooks, 2 do take(hooks[i], hooks[i + 1], hooks[i]) end
local ofJobs = '${keys.jobWebhooksDue}'
for _, hook in ipairs(redis.call('ZRANGEBYSCORE', ofJobs, '-inf', now, 'LIMIT', 0, ${lookedAt})) do
  local json = redis.call('HGET', placeOf(hook))
  if not json then redis.call('ZREM', ofJobs, hook)
  else
    local stored = cjson.decode(json)
    if take(hook, json, stored.tenant .. ' ' .. stored.url) then schedule(hook)
    -- Others have their turn before it is looked at again.
    else redis.call('ZADD', ofJobs, string.format('%.0f', now + ${pauseMs}), hook) end
  end
end
return taken`),

  /**
   * An attempt has ended. ARGV: webhook, delivery, 'delivered' | 'again' | 'dead', HTTP status or '', error or '',
   * milliseconds until the next attempt. Answers 1, or 0 where it is settled already.
   */
  settleDelivery: script(`${common}
local json = redis.call('HGET', states, ARGV[2])
local state = json and cjson.decode(json)
if not state or state.status ~= 'pending' then return 0 end
local now = nowMs()
state.attempts = state.attempts + 1
state.response = tonumber(ARGV[4])
state.error = ARGV[5] ~= '' and ARGV[5] or nil
if ARGV[3] == 'again' then
  redis.call('ZADD', due, string.format('%.0f', now + ARGV[6]), ARGV[2])
  -- An earlier version has not noted it.
  redis.call('ZADD', '${keys.webhooksWaiting}', 'NX', string.format('%.0f', state.created_ms), ARGV[2])
else
  state.status = ARGV[3]
  redis.call('ZREM', due, ARGV[2])
  redis.call('ZREM', '${keys.webhooksWaiting}', ARGV[2])
  redis.call('ZADD', state.status == 'dead' and dead or delivered, string.format('%.0f', now), ARGV[2])
end
redis.call('HSET', states, ARGV[2], cjson.encode(state))
if state.status == 'delivered' then redis.call('HDEL', data, ARGV[2]) end
keep(delivered, ${keptDelivered})
keep(dead, ${keptDead})
redis.call('ZREMRANGEBYSCORE', '${keys.webhooksWaiting}', '-inf', now - ${settledMs})
schedule(ARGV[1])
tally('deliveries|' .. (ARGV[3] == 'again' and 'failed' or ARGV[3]))
return 1`),

  /** ARGV: webhook, a delivery that was given up, or '' for all of them. Answers how many are tried again. */
  replayDeliveries: script(`${common}
local replayed = 0
for _, id in ipairs(ARGV[2] == '' and redis.call('ZRANGE', dead, 0, -1) or {ARGV[2]}) do
  if redis.call('ZREM', dead, id) == 1 then
    local state = cjson.decode(redis.call('HGET', states, id))
    state.status, state.attempts = 'pending', 0
    redis.call('HSET', states, id, cjson.encode(state))
    redis.call('ZADD', due, string.format('%.0f', nowMs()), id)
    redis.call('ZADD', '${keys.webhooksWaiting}', string.format('%.0f', nowMs()), id)
    replayed = replayed + 1
  end
end
schedule(ARGV[1])
return replayed`),

  /** The receiver is gone for good. ARGV: webhook. */
  disableWebhook: script(`
local key, field = placeOf(ARGV[1])
local json = redis.call('HGET', key, field)
if not json then return 0 end
redis.call('HSET', key, field, (string.gsub(json, '"enabled":true', '"enabled":false', 1)))
return 1`),
} as const;
