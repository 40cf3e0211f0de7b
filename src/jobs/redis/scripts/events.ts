/**
 * Events, as Lua that the scripts have in common. A script that changes a job stores in the same step what webhooks are
 * to be told of it: no crash is between the two. A delivery's id is made of the webhook's, the job's and the place in
 * its log, so that it is the same whoever sends it.
 */
import { webhookFieldNames } from '../../webhooks/of-job.js';
import { keys } from '../keys.js';

/** As many deliveries may wait for one webhook; of what comes then nothing is told, but counted. */
export const maxPending = 10_000;

const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(',');
const ownFields = quoted(webhookFieldNames);
/** How the keys of a webhook begin. */
const namesOf = quoted(
  [keys.webhookDeliveries, keys.webhookData, keys.webhookDue, keys.webhookDelivered, keys.webhookDead].map((key) =>
    key(''),
  ),
);

/** Needs `idOf`, `record`, `recordOf`, `get`, `tenantOf`, `nowMs` and `tally`. */
export const events = `
-- The hash and the field that a webhook stands in: of-job.ts.
local function placeOf(hook)
  local job, place = string.match(hook, '^wh_(%w+)_(%d+)$')
  if job then return recordOf('job_' .. job), '_webhook:' .. place end
  return '${keys.webhooks}', hook
end

-- Those of jobs are found by when they are due: there may be as many as jobs.
local function schedule(hook)
  if placeOf(hook) == '${keys.webhooks}' then return end
  local next = redis.call('ZRANGE', '${keys.webhookDue('')}' .. hook, 0, 0, 'WITHSCORES')[2]
  if next then redis.call('ZADD', '${keys.jobWebhooksDue}', next, hook)
  else redis.call('ZREM', '${keys.jobWebhooksDue}', hook) end
  local hasDead = redis.call('EXISTS', '${keys.webhookDead('')}' .. hook) == 1
  redis.call(hasDead and 'SADD' or 'SREM', '${keys.jobWebhooksDead}', hook)
end

-- Takes a webhook away with its deliveries.
local function dropWebhook(hook)
  local key, field = placeOf(hook)
  redis.call('HDEL', key, field)
  for _, id in ipairs(redis.call('ZRANGE', '${keys.webhookDue('')}' .. hook, 0, -1)) do
    redis.call('ZREM', '${keys.webhooksWaiting}', id)
  end
  for _, name in ipairs({${namesOf}}) do redis.call('DEL', name .. hook) end
  schedule(hook)
end

-- The job's own.
local function ownWebhooks()
  local found = {}
  for _, json in ipairs(redis.call('HMGET', record, ${ownFields})) do if json then table.insert(found, json) end end
  return found
end

local function deliver(hook, delivery, event, job, data)
  local due = '${keys.webhookDue('')}' .. hook
  if redis.call('ZCARD', due) >= ${maxPending} then return tally('deliveries|dropped') end
  local now = nowMs()
  local state = cjson.encode({event=event, job=job, status='pending', attempts=0, created_ms=now})
  redis.call('HSET', '${keys.webhookDeliveries('')}' .. hook, delivery, state)
  redis.call('HSET', '${keys.webhookData('')}' .. hook, delivery, data)
  redis.call('ZADD', due, string.format('%.0f', now), delivery)
  redis.call('ZADD', '${keys.webhooksWaiting}', string.format('%.0f', now), delivery)
  schedule(hook)
end

local function wants(hook, event)
  if not hook.enabled then return false end
  if hook.tenant ~= tenantOf() then return false end
  for _, wanted in ipairs(hook.events) do if wanted == event then return true end end
  return false
end

-- Ids of those that are told of an event: of the tenant's and of the job's own.
local function listeners(event)
  local ids = {}
  for _, found in ipairs({redis.call('HVALS', '${keys.webhooks}'), ownWebhooks()}) do
    for _, json in ipairs(found) do
      local hook = cjson.decode(json)
      if wants(hook, event) then table.insert(ids, hook.id) end
    end
  end
  return ids
end

-- 'at' tells the event from others of the job, 'more' is JSON of what it tells beside the job.
local function emit(event, at, more)
  local hooks = listeners(event)
  if #hooks == 0 then return end
  local id = idOf(record)
  local about = '{"job":"' .. id .. '","type":' .. get('type') .. ',"name":' .. (get('name') or 'null')
    .. ',"tags":' .. (get('tags') or '{}') .. ',"attempt":' .. get('attempt') .. ',' .. more .. '}'
  for _, hook in ipairs(hooks) do deliver(hook, 'msg_' .. hook .. '_' .. id .. '_' .. at, event, id, about) end
end
`;
