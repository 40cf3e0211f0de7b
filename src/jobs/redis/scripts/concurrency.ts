/**
 * Concurrency keys, as Lua that the scripts have in common. Of the jobs with one key, sets tell which run and which
 * stand in the queue of a kind of worker; the rest wait aside until one of these makes room (`admitJobs`). In a queue
 * there are never more of a key than may run, so that whoever posts many of them keeps nobody waiting for all; that no
 * more run is seen to when a job is taken.
 */
import { keys } from '../keys.js';
import { placeIn, ranksPerPlace } from '../places.js';
import { turns } from './turns.js';

/** Needs `record`, `idOf`, `get`, `set`, `line` and `tenantOf`. Every change of status goes through `seat`. */
export const concurrency = `
local function running(key) return '${keys.sharing('running', '')}' .. key end
local function inLine(key, kind) return '${keys.sharing('inLine', '')}' .. kind .. ':' .. key end
local function aside(key, kind) return '${keys.sharing('aside', '')}' .. kind .. ':' .. key end

-- Scores: by priority, then in the order of creation. 'behind' is where those of a lower priority than the job's begin.
local function score() return (get('_band') + ${placeIn(0, 'aside')}) * ${ranksPerPlace} + get('_order') end
local function behind()
  return string.format('(%.0f', (get('_band') + ${placeIn(0, 'aside') + 1}) * ${ranksPerPlace})
end
local function put(zset, id) redis.call('ZADD', zset, string.format('%.0f', score()), id) end

local function isAside() return redis.call('ZSCORE', '${keys.aside}', idOf(record)) end
local function putAside()
  put('${keys.aside}', idOf(record))
  put('${keys.asideOf('')}' .. tenantOf(), idOf(record))
end
${turns}
-- The job takes the seats that are its status', and leaves those that it had.
local function seat(status)
  local id, kind, key = idOf(record), get('_kind'), get('_concurrency_key')
  if redis.call('ZREM', '${keys.aside}', id) == 1 then redis.call('ZREM', '${keys.asideOf('')}' .. tenantOf(), id) end
  turn(status)
  if not key then return end
  redis.call('SREM', running(key), id)
  redis.call('ZREM', inLine(key, kind), id)
  redis.call('ZREM', aside(key, kind), id)
  if status == 'queued' then put(inLine(key, kind), id) end
  if status == 'running' or status == 'pausing' then redis.call('SADD', running(key), id) end
end

-- The queued job waits aside.
local function park()
  local key = get('_concurrency_key')
  seat()
  put(aside(key, get('_kind')), idOf(record))
  putAside()
  redis.call('SADD', '${keys.crowded}', key)
end

-- Whether as many run as the job's limit allows.
local function isFull()
  local key = get('_concurrency_key')
  return key and redis.call('SCARD', running(key)) >= tonumber(get('_concurrency_limit'))
end

-- Whether as many run, or stand in the queue with the job's priority or a higher one.
local function isCrowded()
  local key = get('_concurrency_key')
  if not key then return false end
  local before = redis.call('ZCOUNT', inLine(key, get('_kind')), '-inf', behind())
  return redis.call('SCARD', running(key)) + before >= tonumber(get('_concurrency_limit'))
end

-- Whether a new job must wait aside: others may do so already.
local function mustWait()
  local key = get('_concurrency_key')
  return key and (isCrowded() or redis.call('ZCOUNT', aside(key, get('_kind')), '-inf', behind()) > 0)
end

-- The job is for another kind of worker from now on.
local function rehome(kind)
  local parked, untilTurn = isAside(), awaitsTurn()
  seat()
  clockMoves(kind)
  set('_kind', kind)
  seat(get('status'))
  if untilTurn then awaitTurn() elseif parked then park() end
end

-- The job goes into the queue, or waits aside for its tenant's turn. Answers the line, or '' for aside.
local function enter()
  local late = hasNoTurn()
  move('queued')
  if late then awaitTurn() end
  return late and '' or line()
end

-- Puts jobs of a key in line while there is room for them. Answers their lines and ids by turns.
local function admit(key)
  local admitted, left = {}, 0
  for _, kind in ipairs({'cpu', 'gpu'}) do
    local first = redis.call('ZRANGE', aside(key, kind), 0, 0)[1]
    while first do
      record = '${keys.record('')}' .. first
      if isCrowded() then break end
      local late = hasNoTurn()
      seat('queued')
      if late then awaitTurn() else
        table.insert(admitted, line())
        table.insert(admitted, first)
      end
      first = redis.call('ZRANGE', aside(key, kind), 0, 0)[1]
    end
    left = left + redis.call('ZCARD', aside(key, kind))
  end
  if left == 0 then redis.call('SREM', '${keys.crowded}', key) end
  return admitted
end

-- Does so with those of a tenant that wait for its turn.
local function admitTurn(tenant)
  local admitted, left = {}, 0
  for _, each in ipairs(lines()) do
    local first = firstAwaiting(tenant, each)
    while first do
      record = '${keys.record('')}' .. first
      if hasNoTurn() then break end
      seat('queued')
      table.insert(admitted, each)
      table.insert(admitted, first)
      first = firstAwaiting(tenant, each)
    end
    if first then left = left + 1 end
  end
  if left == 0 then redis.call('SREM', '${keys.awaiting}', tenant) end
  return admitted
end
`;
