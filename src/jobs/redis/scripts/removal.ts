/**
 * Deleting a job, as Lua that the scripts have in common. Its record goes at once; its files go after that, and
 * `leftovers` says which are still to: `<job>` for all of a job's, `<job> <checkpoint>` for a checkpoint that stayed
 * behind for others and is needed no more. A file's leftover is never needed again, so that it may be removed at any
 * time, by anybody, and twice.
 */
import { keys } from '../keys.js';

/** Needs `record`, `log`, `ended`, `idOf`, `get`, `unlist`, `untag`, `tenantOf`, `ownWebhooks`, `dropWebhook` and `finish`. */
export const removal = `
local removed, leftovers, released = {}, {}, {}
local function fieldOf(id, field) return redis.call('HGET', '${keys.record('')}' .. id, field) end
local function isActive(status) return status == 'running' or status == 'pausing' end

local function leave(name)
  redis.call('SADD', '${keys.leftovers}', name)
  table.insert(leftovers, name)
end

-- The finder that was made for a fit.
local function finderOf(id)
  local found = fieldOf(id, 'lr_find')
  local finder = found and cjson.decode(found).job
  return finder and fieldOf(finder, '_fit') == id and finder
end

-- What keeps the job from being deleted, and of which job this is said.
local function obstacle(id)
  local status, fit, finder = fieldOf(id, 'status'), fieldOf(id, '_fit'), finderOf(id)
  if isActive(status) then return 'active', id end
  if status == 'waiting' then return 'waiting', id end
  if fit and fieldOf(fit, 'status') == 'waiting' then return 'awaited', fit end
  if finder and isActive(fieldOf(finder, 'status')) then return 'searching', finder end
end

-- A job needs a checkpoint no more; where its own job is deleted, it goes with the last one that did.
local function unpin(job, checkpoint, by)
  local pins = '${keys.pins('')}' .. checkpoint
  redis.call('SREM', pins, by)
  if redis.call('SCARD', pins) > 0 then return end
  if redis.call('EXISTS', '${keys.record('')}' .. job) == 1 then
    table.insert(released, job)
    return
  end
  if redis.call('HDEL', '${keys.checkpoints('')}' .. job, checkpoint) == 1 then leave(job .. ' ' .. checkpoint) end
end

local function unpinAll(id)
  local source = cjson.decode(get('spec')).continue_from
  if source then unpin(source.job, source.checkpoint, id) end
  local from = cjson.decode(get('_from') or '{}')
  if from.id then unpin(from.job, from.id, id) end
end

local function leaveDatasets(id)
  local spec = cjson.decode(get('spec'))
  for _, dataset in ipairs({spec.dataset.id or '', spec.split.dataset or ''}) do
    redis.call('SREM', '${keys.datasetJobs('')}' .. dataset, id)
  end
end

-- Takes the job out of everything, but for checkpoints that others need. Whoever follows it hears that it has ended.
local function forget(id, now, linger)
  record, log = '${keys.record('')}' .. id, '${keys.log('')}' .. id
  if not ended[get('status')] then finish('cancelled', now) end
  redis.call('EXPIRE', log, linger)
  unlist()
  unlist(get('status'))
  untag()
  redis.call('ZREM', '${keys.unarchived}', id)
  local idempotency = get('_idempotency')
  if idempotency and redis.call('HGET', idempotency, 'job') == id then redis.call('DEL', idempotency) end
  unpinAll(id)
  leaveDatasets(id)
  local checkpoints = '${keys.checkpoints('')}' .. id
  for _, checkpoint in ipairs(redis.call('HKEYS', checkpoints)) do
    if redis.call('EXISTS', '${keys.pins('')}' .. checkpoint) == 0 then redis.call('HDEL', checkpoints, checkpoint) end
  end
  table.insert(removed, {id, line(), tenantOf(), limitedGroups()})
  for _, json in ipairs(ownWebhooks()) do dropWebhook(cjson.decode(json).id) end
  redis.call('DEL', record)
  leave(id)
end
`;
