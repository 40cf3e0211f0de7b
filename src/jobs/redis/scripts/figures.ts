/**
 * What is counted of the service, as Lua that the scripts have in common: ../../figures.ts tells what of. And since when
 * jobs are in the queue.
 */
import { buckets } from '../../figures.js';
import { keys } from '../keys.js';

const bounds = (values: readonly number[]): string => `{${values.join(',')}}`;

/** Redis' clock, by which whatever has a time is compared: milliseconds since 1970. */
export const clock = `
local function nowMs()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;

/** Needs `idOf`, `record`, `get` and `set`. */
export const figures = `${clock}

local function tally(name, by) redis.call('HINCRBYFLOAT', '${keys.figures}', name, by or 1) end
local bounds = {step=${bounds(buckets.step)}, wait=${bounds(buckets.wait)}}
local function observe(what, seconds)
  local name = what .. '|' .. get('_kind') .. '|'
  tally(name .. 'count')
  tally(name .. 'sum', seconds)
  for _, bound in ipairs(bounds[what]) do
    if seconds <= bound then return tally(name .. bound) end
  end
end

-- A record's 'type' is JSON.
local function typeOf() return string.sub(get('type'), 2, -2) end

-- Notes since when the job is in the queue, and how long it was there.
local function clock(from, to)
  local since = '${keys.queuedSince('')}' .. get('_kind')
  if from == 'queued' then
    redis.call('ZREM', since, idOf(record))
    local began = get('_queued_ms')
    if to == 'running' and began then
      local waited = math.max(0, nowMs() - began)
      observe('wait', waited / 1000)
      set('_waited_ms', string.format('%.0f', waited))
    end
  elseif to == 'running' then redis.call('HDEL', record, '_waited_ms') end
  if to == 'queued' then
    local now = string.format('%.0f', nowMs())
    set('_queued_ms', now)
    redis.call('ZADD', since, now, idOf(record))
  end
  if to == 'running' then tally('attempts|' .. get('_kind')) end
end

-- The job is in the queue of another kind of worker from now on.
local function clockMoves(kind)
  local id, from, to = idOf(record), '${keys.queuedSince('')}' .. get('_kind'), '${keys.queuedSince('')}' .. kind
  local since = redis.call('ZSCORE', from, id)
  if not since then return end
  redis.call('ZREM', from, id)
  redis.call('ZADD', to, since, id)
end
`;
