/**
 * Events, as Lua that the scripts have in common. A script that changes a job stores in the same step what webhooks are
 * to be told of it: no crash is between the two. A delivery's id is made of the webhook's, the job's and the place in
 * its log, so that it is the same whoever sends it.
 */
import { keys } from '../keys.js';

/** As many deliveries may wait for one webhook; of what comes then nothing is told, but counted. */
export const maxPending = 10_000;

/** Needs `idOf`, `record`, `get`, `tenantOf`, `nowMs` and `tally`. */
export const events = `
local function deliver(hook, delivery, event, job, data)
  local due = '${keys.webhookDue('')}' .. hook
  if redis.call('ZCARD', due) >= ${maxPending} then return tally('deliveries|dropped') end
  local now = nowMs()
  local state = cjson.encode({event=event, job=job, status='pending', attempts=0, created_ms=now})
  redis.call('HSET', '${keys.webhookDeliveries('')}' .. hook, delivery, state)
  redis.call('HSET', '${keys.webhookData('')}' .. hook, delivery, data)
  redis.call('ZADD', due, string.format('%.0f', now), delivery)
end

local function wants(hook, event)
  if not hook.enabled then return false end
  if hook.tenant ~= tenantOf() then return false end
  for _, wanted in ipairs(hook.events) do if wanted == event then return true end end
  return false
end

-- 'at' tells the event from others of the job, 'more' is JSON of what it tells beside the job.
local function emit(event, at, more)
  local hooks = redis.call('HGETALL', '${keys.webhooks}')
  if #hooks == 0 then return end
  local id = idOf(record)
  local about = '{"job":"' .. id .. '","type":' .. get('type') .. ',"name":' .. (get('name') or 'null')
    .. ',"tags":' .. (get('tags') or '{}') .. ',"attempt":' .. get('attempt') .. ',' .. more .. '}'
  for i = 1, #hooks, 2 do
    if wants(cjson.decode(hooks[i + 1]), event) then
      deliver(hooks[i], 'msg_' .. hooks[i] .. '_' .. id .. '_' .. at, event, id, about)
    end
  end
end
`;
