/** Jobs come into being. KEYS and ARGV as each script says; `common.ts` has what all know. */
import { defaultTenant } from '../../../schema/tenant.js';
import { keys } from '../keys.js';
import { script } from './common.js';

/** By name: Lua. */
export const creating = {
  /**
   * KEYS: idempotency key (or that of '', for none), then record and log of each job. ARGV: hash of the body, seconds that the key is
   * kept, how many jobs may wait, the kind of worker or 'auto', ids of the uploaded data sets that the jobs need with
   * spaces between them, the tenant, the key that posts it or '', how many jobs of the tenant and of the key may wait
   * ('' for any number), then of each job: id, status, number of fields, names and values. Answers {'known', the job
   * that the idempotency key already stands for, hash of its body} | {'created', line, 1 if the queued one waits aside, 1
   * if tenants take turns, the first job's hash}
   * | {'abandoned'}: its files were taken for left over and removed | {'full'} | {'quota', 'tenant' or 'key', its name}
   * | {'gone', a data set that is not there}.
   */
  createJobs: script(`
local known = KEYS[1] ~= '${keys.idempotency('')}' and redis.call('HMGET', KEYS[1], 'job', 'body') or {}
-- A repetition of this command finds the jobs that it has made.
local function made(aside)
  return {'created', line(), aside, isFair() and 1 or 0, redis.call('HGETALL', KEYS[2])}
end
if redis.call('EXISTS', KEYS[2]) == 1 then
  record = KEYS[#KEYS - 1]
  return made(0)
end
if known[1] then return {'known', known[1], known[2]} end
if redis.call('EXISTS', '${keys.abandoned('')}' .. ARGV[10]) == 1 then return {'abandoned'} end
local function waitingOf(suffix)
  local jobs = '${keys.index()}' .. suffix
  return redis.call('ZCARD', jobs .. ':queued') + redis.call('ZCARD', jobs .. ':waiting')
end
local tenant, key = ARGV[6], ARGV[7]
local own = waitingOf(tenant == '${defaultTenant}' and '' or '@' .. tenant)
if ARGV[8] ~= '' and own >= tonumber(ARGV[8]) then return {'quota', 'tenant', tenant} end
local byKey = redis.call('SCARD', '${keys.queuedBy('')}' .. key)
if ARGV[9] ~= '' and byKey >= tonumber(ARGV[9]) then return {'quota', 'key', key} end
local waiting = waitingOf('')
for _, other in ipairs(redis.call('SMEMBERS', '${keys.tenants}')) do waiting = waiting + waitingOf('@' .. other) end
if waiting >= tonumber(ARGV[3]) then return {'full'} end
for dataset in string.gmatch(ARGV[5], '%S+') do
  if redis.call('EXISTS', '${keys.dataset('')}' .. dataset) == 0 then return {'gone', dataset} end
end
local kind
local position, parked = 10, 0
if tenant ~= '${defaultTenant}' then redis.call('SADD', '${keys.tenants}', tenant) end
for job = 1, (#KEYS - 1) / 2 do
  record, log = KEYS[2 * job], KEYS[2 * job + 1]
  local id, status, count = ARGV[position], ARGV[position + 1], tonumber(ARGV[position + 2])
  for field = position + 3, position + 1 + 2 * count, 2 do redis.call('HSET', record, ARGV[field], ARGV[field + 1]) end
  position = position + 3 + 2 * count
  kind = kind or ARGV[4] == 'auto' and home(kinds(get('_pool'))) or ARGV[4]
  set('_kind', kind)
  if ARGV[4] == 'auto' then set('_auto', 1) end
  set('_order', redis.call('INCR', '${keys.created}'))
  enlist()
  tag()
  tally('created|' .. typeOf())
  local wait = status == 'queued' and mustWaitFor()
  local late = status == 'queued' and not wait and hasNoTurn()
  move(status)
  for dataset in string.gmatch(ARGV[5], '%S+') do redis.call('SADD', '${keys.datasetJobs('')}' .. dataset, id) end
  if wait then park(wait) elseif late then awaitTurn() end
  if wait or late then parked = 1 end
  if job == 1 and KEYS[1] ~= '${keys.idempotency('')}' then
    redis.call('HSET', KEYS[1], 'job', id, 'body', ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    set('_idempotency', KEYS[1])
  end
end
return made(parked)`),

  /**
   * Files were stored for a job, long ago. KEYS: its record. ARGV: its id, seconds that this is remembered for.
   * Answers 1 if it was never created, and sees to it that it never will be; else 0.
   */
  abandonJob: script(`
if redis.call('EXISTS', record) == 1 then return 0 end
redis.call('SET', '${keys.abandoned('')}' .. ARGV[1], 1, 'EX', ARGV[2])
return 1`),
} as const;
