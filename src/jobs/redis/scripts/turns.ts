/**
 * Tenants take turns at the workers, as Lua that the scripts have in common. As soon as there is a tenant beside the
 * default one, each has one job at a time in a line: when that is taken, the next one goes to the
 * line's end, so that it goes round. The others wait aside, the one of the highest priority first: a priority
 * is one among the jobs of its tenant. So they do where the tenant runs as many jobs as it may.
 */
import { keys } from '../keys.js';

/** Needs `record`, `idOf`, `get`, `set`, `line`, `lines`, `score`, `put`, `putAside`, `index` and `tenantOf`; `seat` calls `turn`. */
export const turns = `
local function turnLine(tenant, line) return '${keys.turn('inLine', '')}' .. line .. ':' .. tenant end
local function turnAside(tenant, line) return '${keys.turn('aside', '')}' .. line .. ':' .. tenant end
local function isFair() return redis.call('EXISTS', '${keys.tenants}') == 1 end

-- How many jobs of its tenant may run at once, if that is limited.
local function mostRunning()
  local limits = redis.call('HGET', '${keys.tenantLimits}', tenantOf())
  return tonumber(limits and cjson.decode(limits).running or get('_most_running') or nil)
end

local function runningOf() return redis.call('ZCARD', index('running')) + redis.call('ZCARD', index('pausing')) end

-- A job takes its tenant's place in the line, or leaves it.
local function turn(status)
  local id, tenant, own = idOf(record), tenantOf(), line()
  redis.call('ZREM', turnLine(tenant, own), id)
  redis.call('ZREM', turnAside(tenant, own), id)
  if status ~= 'queued' then return end
  local fair = isFair()
  if fair then set('_fair', 1) end
  if fair or mostRunning() then put(turnLine(tenant, own), id) end
end

local function firstAwaiting(tenant, line) return redis.call('ZRANGE', turnAside(tenant, line), 0, 0)[1] end
local function awaitsTurn() return redis.call('ZSCORE', turnAside(tenantOf(), line()), idOf(record)) end

-- Whether a job that is not in line must wait aside.
local function hasNoTurn()
  local tenant = tenantOf()
  if isFair() and redis.call('ZCARD', turnLine(tenant, line())) > 0 then return true end
  local most = mostRunning()
  if not most then return false end
  local before = runningOf()
  for _, each in ipairs(lines()) do before = before + redis.call('ZCARD', turnLine(tenant, each)) end
  return before >= most
end

-- The queued job waits aside for the turn; of its concurrency key it keeps the seat.
local function awaitTurn()
  local id, tenant, own = idOf(record), tenantOf(), line()
  redis.call('ZREM', turnLine(tenant, own), id)
  put(turnAside(tenant, own), id)
  putAside()
  redis.call('SADD', '${keys.awaiting}', tenant)
end

-- Why a job that a worker is about to take must go aside: 'limit' (its tenant runs enough), 'better' (another of its
-- tenant goes first, in its place), 'early' (it stood in line before there were tenants).
local function losesTurn()
  local most = mostRunning()
  if most and runningOf() >= most then return 'limit' end
  if not isFair() then return end
  local tenant, own = tenantOf(), line()
  if not redis.call('ZSCORE', turnLine(tenant, own), idOf(record)) then return 'early' end
  local first = redis.call('ZRANGE', turnAside(tenant, own), 0, 0, 'WITHSCORES')
  if first[2] and tonumber(first[2]) < score() then return 'better' end
end
`;
