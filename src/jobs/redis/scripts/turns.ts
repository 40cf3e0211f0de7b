/**
 * Tenants take turns at the workers, as Lua that the scripts have in common. As soon as there is a tenant beside the
 * default one, each has one job at a time in the line of a kind of worker: when that is taken, the next one goes to the
 * line's end, so that it goes round. The others wait aside, the one of the highest priority first: a priority
 * is one among the jobs of its tenant. So they do where the tenant runs as many jobs as it may.
 */
import { keys } from '../keys.js';

/** Needs `record`, `idOf`, `get`, `set`, `score`, `put`, `putAside`, `index` and `tenantOf`; `seat` calls `turn`. */
export const turns = `
local function turnLine(tenant, kind) return '${keys.turn('inLine', '')}' .. kind .. ':' .. tenant end
local function turnAside(tenant, kind) return '${keys.turn('aside', '')}' .. kind .. ':' .. tenant end
local function isFair() return redis.call('EXISTS', '${keys.tenants}') == 1 end

-- How many jobs of its tenant may run at once, if that is limited.
local function mostRunning()
  local limits = redis.call('HGET', '${keys.tenantLimits}', tenantOf())
  return tonumber(limits and cjson.decode(limits).running or get('_most_running') or nil)
end

local function runningOf() return redis.call('ZCARD', index('running')) + redis.call('ZCARD', index('pausing')) end

-- A job takes its tenant's place in the line, or leaves it.
local function turn(status)
  local id, tenant, kind = idOf(record), tenantOf(), get('_kind')
  redis.call('ZREM', turnLine(tenant, kind), id)
  redis.call('ZREM', turnAside(tenant, kind), id)
  if status ~= 'queued' then return end
  local fair = isFair()
  if fair then set('_fair', 1) end
  if fair or mostRunning() then put(turnLine(tenant, kind), id) end
end

local function firstAwaiting(tenant, kind) return redis.call('ZRANGE', turnAside(tenant, kind), 0, 0)[1] end
local function awaitsTurn() return redis.call('ZSCORE', turnAside(tenantOf(), get('_kind')), idOf(record)) end

-- Whether a job that is not in line must wait aside.
local function hasNoTurn()
  local tenant = tenantOf()
  if isFair() and redis.call('ZCARD', turnLine(tenant, get('_kind'))) > 0 then return true end
  local most = mostRunning()
  if not most then return false end
  local inLine = redis.call('ZCARD', turnLine(tenant, 'cpu')) + redis.call('ZCARD', turnLine(tenant, 'gpu'))
  return runningOf() + inLine >= most
end

-- The queued job waits aside for the turn; of its concurrency key it keeps the seat.
local function awaitTurn()
  local id, tenant, kind = idOf(record), tenantOf(), get('_kind')
  redis.call('ZREM', turnLine(tenant, kind), id)
  put(turnAside(tenant, kind), id)
  putAside()
  redis.call('SADD', '${keys.awaiting}', tenant)
end

-- Why a job that a worker is about to take must go aside: 'limit' (its tenant runs enough), 'better' (another of its
-- tenant goes first, in its place), 'early' (it stood in line before there were tenants).
local function losesTurn()
  local most = mostRunning()
  if most and runningOf() >= most then return 'limit' end
  if not isFair() then return end
  local tenant, kind = tenantOf(), get('_kind')
  if not redis.call('ZSCORE', turnLine(tenant, kind), idOf(record)) then return 'early' end
  local first = redis.call('ZRANGE', turnAside(tenant, kind), 0, 0, 'WITHSCORES')
  if first[2] and tonumber(first[2]) < score() then return 'better' end
end
`;
