/**
 * Groups of jobs of which a limited number may run, as Lua that the scripts have in common: those with one concurrency
 * key, and those that one API key has posted. Of a group's jobs, sets tell which run and which
 * stand in the queue of a kind of worker; the rest wait aside until one of these makes room (`admitJobs`). In a queue
 * there are never more of a group than may run, so that whoever posts many of them keeps nobody waiting for all; that no
 * more run is seen to when a job is taken. A job of two groups waits aside for one of them at a time, and has no place
 * in the other meanwhile.
 */
import { groupOfKey, keys } from '../keys.js';
import { placeIn, ranksPerPlace } from '../places.js';
import { turns } from './turns.js';

/** Needs `record`, `idOf`, `get`, `set`, `line` and `tenantOf`. Every change of status goes through `seat`. */
export const concurrency = `
-- The job's groups, by their names; one that is not limited only counts what runs.
local function groups()
  local found, key, own = {}, get('_concurrency_key'), get('_key')
  if key then table.insert(found, {name = key, limit = tonumber(get('_concurrency_limit'))}) end
  if own then table.insert(found, {name = '${groupOfKey('')}' .. own, limit = tonumber(get('_most_running_of_key'))}) end
  return found
end
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
  local id, kind = idOf(record), get('_kind')
  if redis.call('ZREM', '${keys.aside}', id) == 1 then redis.call('ZREM', '${keys.asideOf('')}' .. tenantOf(), id) end
  turn(status)
  for _, group in ipairs(groups()) do
    redis.call('SREM', running(group.name), id)
    if group.limit then
      redis.call('ZREM', inLine(group.name, kind), id)
      redis.call('ZREM', aside(group.name, kind), id)
      if status == 'queued' then put(inLine(group.name, kind), id) end
    end
    if status == 'running' or status == 'pausing' then redis.call('SADD', running(group.name), id) end
  end
end

-- The queued job waits aside for a group.
local function park(group)
  seat()
  put(aside(group.name, get('_kind')), idOf(record))
  putAside()
  redis.call('SADD', '${keys.crowded}', group.name)
end

-- The group that the job waits aside for, if it does.
local function parkedFor()
  for _, group in ipairs(groups()) do
    if redis.call('ZSCORE', aside(group.name, get('_kind')), idOf(record)) then return group end
  end
end

-- A group of which as many run as may, if there is one.
local function isFull()
  for _, group in ipairs(groups()) do
    if group.limit and redis.call('SCARD', running(group.name)) >= group.limit then return group end
  end
end

-- Whether as many of it run, or stand in the queue with the job's priority or a higher one.
local function crowds(group)
  if not group.limit then return false end
  local before = redis.call('ZCOUNT', inLine(group.name, get('_kind')), '-inf', behind())
  return redis.call('SCARD', running(group.name)) + before >= group.limit
end

-- A group that a new job must wait aside for, if there is one: others may do so already.
local function mustWaitFor()
  for _, group in ipairs(groups()) do
    if crowds(group) then return group end
    if group.limit and redis.call('ZCOUNT', aside(group.name, get('_kind')), '-inf', behind()) > 0 then return group end
  end
end

-- The job is for another kind of worker from now on.
local function rehome(kind)
  local parked, untilTurn = parkedFor(), awaitsTurn()
  seat()
  clockMoves(kind)
  set('_kind', kind)
  seat(get('status'))
  if untilTurn then awaitTurn() elseif parked then park(parked) end
end

-- The job goes into the queue, or waits aside for its tenant's turn. Answers the line, or '' for aside.
local function enter()
  local late = hasNoTurn()
  move('queued')
  if late then awaitTurn() end
  return late and '' or line()
end

-- Puts jobs of a group in line while there is room for them; one for which another of its groups has none waits for
-- that. Answers their lines and ids by turns.
local function admit(name)
  local admitted, left = {}, 0
  for _, kind in ipairs({'cpu', 'gpu'}) do
    local first = redis.call('ZRANGE', aside(name, kind), 0, 0)[1]
    while first do
      record = '${keys.record('')}' .. first
      local crowded, other = false, nil
      for _, group in ipairs(groups()) do
        if crowds(group) then
          if group.name == name then crowded = true else other = group end
        end
      end
      if crowded then break end
      if other then park(other) else
        local late = hasNoTurn()
        seat('queued')
        if late then awaitTurn() else
          table.insert(admitted, line())
          table.insert(admitted, first)
        end
      end
      first = redis.call('ZRANGE', aside(name, kind), 0, 0)[1]
    end
    left = left + redis.call('ZCARD', aside(name, kind))
  end
  if left == 0 then redis.call('SREM', '${keys.crowded}', name) end
  return admitted
end

-- The names of the job's groups that others may wait aside for.
local function limitedGroups()
  local names = {}
  for _, group in ipairs(groups()) do
    if group.limit then table.insert(names, group.name) end
  end
  return names
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
