/**
 * What the scripts have in common. Every change of a record is one of them, each one atomic. KEYS[1] and KEYS[2] are
 * the job's record and its log. Fields whose names begin with `_` are ours alone: `_lease` (who may write), `_seq` (the
 * next frame's), `_pool` (of its workers: pools.ts; none: any), `_message` (the last of the writer's that was stored), `_kind` (the queue whose entry counts; an entry
 * in another queue is void), `_auto` (the kind may change), `_fit` (a finder's fit), `_crashes`, `_max_attempts`,
 * `_cancel` (was asked for), `_worker`, `_words` (that a search finds it by), `_ran_ms`, `_order`, `_band` (of its priority: places.ts), `_concurrency_key`,
 * `_concurrency_limit`; `_at` (the position of its last checkpoint), `_checkpoints` (counts them), `_asked` (names of
 * checkpoints that clients asked for), `_pause` (was asked for), `_finish` (epochs of the cooldown that was asked for),
 * `_from` (what another job has left it to go on from), `_idempotency` (the Redis key that stands for it), `_tenant`
 * (unless that is the default one), `_key` (of whoever posted it), `_most_running_of_key` and `_most_running` (of its tenant), `_fair` (it takes turns with those of other tenants),
 * `_webhook:0` to `_webhook:9` (its own: of-job.ts), `_traceparent` and `_tracestate` (of the request that posted it), `_waited_ms` (in the queue, before the attempt that runs; none if it came out of another).
 *
 * An answer lost with its connection makes ioredis send a command again: each script takes a
 * repetition for what it is.
 */
import { isTerminal, jobStatuses, transitions } from '../../record.js';
import { firstProtocol } from '../../pools.js';
import { concurrency } from './concurrency.js';
import { defaultTenant } from '../../../schema/tenant.js';
import { events } from './events.js';
import { figures } from './figures.js';
import { keys } from '../keys.js';
import { listing } from './listing.js';

const table = (entries: string[]): string => `{${entries.join(',')}}`;
const allowed = table(jobStatuses.map((from) => `${from}=${table(transitions[from].map((to) => `${to}=true`))}`));
const ended = table(jobStatuses.filter(isTerminal).map((status) => `${status}=true`));

const common = `
local record, log = KEYS[1], KEYS[2]
local allowed, ended = ${allowed}, ${ended}
local function idOf(name) return string.match(name, '[^:]+$') end
local function get(field) return redis.call('HGET', record, field) end
local function set(field, value) redis.call('HSET', record, field, value) end
local function tenantOf() return get('_tenant') or '${defaultTenant}' end
local function recordOf(id) return '${keys.record('')}' .. id end
${figures}${listing}${events}
local announced = {completed=true, failed=true, cancelled=true, paused=true}
local function append(frame)
  local seq = redis.call('HINCRBY', record, '_seq', 1) - 1
  redis.call('XADD', log, seq .. '-1', 'frame', frame)
  return seq
end

local function isDraining(worker) return redis.call('EXISTS', '${keys.draining('')}' .. worker) == 1 end

-- The workers that live, as their heartbeats tell, and whether each takes no more jobs; who was silent for too long is
-- forgotten.
local function live()
  local workers = {}
  for _, id in ipairs(redis.call('SMEMBERS', '${keys.workers}')) do
    local json = redis.call('GET', '${keys.worker('')}' .. id)
    if json then table.insert(workers, {json, isDraining(id) and 1 or 0})
    else redis.pcall('SREM', '${keys.workers}', id) end -- a reader asks too, where nothing can be written
  end
  return workers
end

-- Whether a worker is of a pool: pools.ts.
local function isOfPool(worker, pool)
  for need in string.gmatch(pool or '', '[^,]+') do
    local protocol, name, value = string.match(need, '^>=(%d+)$'), string.match(need, '^([^=]+)=(.*)$')
    if protocol then
      if (worker.protocol or ${firstProtocol}) < tonumber(protocol) then return false end
    elseif (worker.labels or {})[name] ~= value then return false end
  end
  return true
end

-- The kinds of the workers of a pool that take jobs.
local function kinds(pool)
  local found = {}
  for _, json in ipairs(live()) do
    local worker = cjson.decode(json[1])
    if json[2] == 0 and isOfPool(worker, pool) then found[worker.kind] = true end
  end
  return found
end

-- The kind of worker that a job for 'auto' is for: one with a GPU where one lives.
local function home(found) return found.gpu and 'gpu' or 'cpu' end

-- The line that the job waits in: lines.ts.
local function line()
  local pool = get('_pool')
  return get('_kind') .. (pool and '-' .. pool or '')
end

-- All lines that jobs may wait in.
local function lines()
  local all = {'cpu', 'gpu'}
  for _, pool in ipairs(redis.call('ZRANGE', '${keys.pools}', 0, -1)) do
    table.insert(all, 'cpu-' .. pool)
    table.insert(all, 'gpu-' .. pool)
  end
  return all
end

-- The job's pool has jobs: its workers hear of it where it is new to them.
local function usePool()
  local pool = get('_pool')
  if not pool then return end
  if redis.call('ZADD', '${keys.pools}', redis.call('TIME')[1], pool) == 1 then
    redis.call('PUBLISH', '${keys.control}', '${keys.newPool}')
  end
end

local move
${concurrency}
-- Moves to a status that the table allows and logs it; 'extra' is more of the frame.
function move(to, extra)
  local from = get('status')
  if from and not allowed[from][to] then return false end
  local id, key = idOf(record), get('_key')
  if from then unlist(from) end
  enlist(to)
  if key then redis.call((to == 'queued' or to == 'waiting') and 'SADD' or 'SREM', '${keys.queuedBy('')}' .. key, id) end
  set('status', to)
  if to == 'queued' then usePool() end
  clock(from, to)
  seat(to)
  local seq = append('{"type":"status","status":"' .. to .. '","attempt":' .. get('attempt') .. (extra or '') .. '}')
  if announced[to] then
    local result = to == 'completed' and ',"result":' .. get('result') or ''
    emit('job.' .. to, seq, '"seq":' .. seq .. ',"status":"' .. to .. '"' .. (extra or '') .. result)
  end
  return true
end

-- Ends the job. An error is completed by where it happened.
local function finish(to, now, problem)
  local extra
  if problem then
    problem.attempt = tonumber(get('attempt'))
    local at = cjson.decode(get('progress'))
    for _, name in ipairs({'phase', 'epoch', 'iteration'}) do
      if problem[name] == nil and get('started_at') ~= 'null' then problem[name] = at[name] end
    end
    local json = cjson.encode(problem)
    set('error', json)
    extra = ',"error":' .. json
  end
  if not move(to, extra) then return false end
  set('finished_at', '"' .. now .. '"')
  tally('ended|' .. typeOf() .. '|' .. to)
  if problem then tally('failed|' .. problem.code) end
  redis.call('ZADD', '${keys.unarchived}', get('_order'), idOf(record))
  return true
end

-- Whether whoever holds (attempt, lease) may still write.
local function holds(attempt, lease)
  local status = get('status')
  return (status == 'running' or status == 'pausing') and get('attempt') == attempt and get('_lease') == lease
end

-- Whether a worker other than this one runs the job, or may: its heartbeat says so, or there was none for a while.
local function held(worker)
  local other = get('_worker')
  if other == worker then return false end
  if redis.call('EXISTS', '${keys.returned}') == 1 then return true end
  local json = redis.call('GET', '${keys.worker('')}' .. other)
  if not json then return false end
  local said = cjson.decode(json)
  for _, each in ipairs(said.jobs or {{job = said.job}}) do
    if each.job == idOf(record) then return true end
  end
  return false
end

-- The worker that runs the job looks what is asked of it. False where it does not live.
local function tellWorker()
  redis.call('PUBLISH', '${keys.control}', idOf(record))
  return redis.call('EXISTS', '${keys.worker('')}' .. get('_worker')) == 1
end

-- What comes next starts at the last checkpoint: that is how far the job is.
local function goBack()
  local at, progress = cjson.decode(get('_at') or '{"phase":0,"epoch":0,"iteration":0}'), cjson.decode(get('progress'))
  for name, value in pairs(at) do progress[name] = value end
  progress.estimated_finish = cjson.null
  set('progress', cjson.encode(progress))
end

-- What whoever runs the job needs of it, in one answer; 'tenant': if others of it wait for its turn.
local function handOver(tenant)
  local checkpoints = redis.call('HVALS', '${keys.checkpoints('')}' .. idOf(record))
  return {'run', tonumber(get('attempt')), get('_ran_ms'), tenant, redis.call('HGETALL', record), checkpoints}
end

local function begin(lease, worker, now)
  redis.call('HSET', record, '_lease', lease, '_worker', worker, '_message', 0)
  if get('started_at') == 'null' then set('started_at', '"' .. now .. '"') end
  goBack()
  move('running')
  local tenant = tenantOf()
  return handOver(firstAwaiting(tenant, line()) and tenant or '')
end

-- The job gives its device back until it is resumed: by another attempt, where one has begun.
local function rest()
  if get('status') ~= 'queued' then redis.call('HINCRBY', record, 'attempt', 1) end
  redis.call('HDEL', record, '_pause')
  goBack()
  return move('paused')
end

-- The attempt came to nothing: the next one, or the end where there may be none. One that a shutdown ended is free.
local function again(lease, worker, now, problem, free)
  if get('_cancel') then
    finish('cancelled', now)
    return {'cancelled'}
  end
  if get('_pause') then
    rest()
    return {'paused'}
  end
  if not free and redis.call('HINCRBY', record, '_crashes', 1) >= tonumber(get('_max_attempts')) then
    finish('failed', now, problem)
    return {'failed'}
  end
  redis.call('HINCRBY', record, 'attempt', 1)
  return begin(lease, worker, now)
end
`;

/** A script: what all have in common, then its own. */
export const script = (body: string): string => common + body;
