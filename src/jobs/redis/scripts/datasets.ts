/**
 * Uploaded data sets come and go, as jobs need them. KEYS[1]: the data set's record; ARGV as each script says, the first
 * its id. Files are stored under a claim before their record is, and removed after it, each by whoever: a removal never
 * begins under a claim, nor a claim during a removal.
 */
import { keys } from '../keys.js';
import { script } from './common.js';

/** By name: Lua. */
export const datasets = {
  /** ARGV: id, token, seconds that the claim stands. Answers 1, or 0 while the files of the same content are removed. */
  claimDataset: script(`
if redis.call('EXISTS', '${keys.datasetRemoval('')}' .. ARGV[1]) == 1 then return 0 end
local claims = '${keys.datasetClaims('')}' .. ARGV[1]
redis.call('SADD', claims, ARGV[2])
redis.call('EXPIRE', claims, ARGV[3])
return 1`),

  /** ARGV: id, token. */
  releaseDataset: script(`
redis.call('SREM', '${keys.datasetClaims('')}' .. ARGV[1], ARGV[2])
return 1`),

  /** ARGV: id, record as JSON. Answers 1 where it is new, else 0: its record is replaced, its place stays. */
  storeDataset: script(`
local known = redis.call('EXISTS', record)
set('json', ARGV[2])
if known == 1 then return 0 end
local order = redis.call('INCR', '${keys.datasetsCreated}')
set('order', order)
redis.call('ZADD', '${keys.datasets}', order, ARGV[1])
return 1`),

  /**
   * ARGV: id, hash of the content. Answers {'removed'} | {'missing'} | {'needed', a job that has not ended}. Its files
   * are left over.
   */
  removeDataset: script(`
if redis.call('EXISTS', record) == 0 then return {'missing'} end
local jobs = '${keys.datasetJobs('')}' .. ARGV[1]
for _, job in ipairs(redis.call('SMEMBERS', jobs)) do
  local status = redis.call('HGET', '${keys.record('')}' .. job, 'status')
  if status and not ended[status] then return {'needed', job} end
  redis.call('SREM', jobs, job)
end
redis.call('DEL', record)
redis.call('ZREM', '${keys.datasets}', ARGV[1])
redis.call('SADD', '${keys.datasetLeftovers}', ARGV[2])
return {'removed'}`),

  /** ARGV: id, hash of the content, seconds. Answers 1 if the files may be removed now; `endRemoval` says when they are. */
  beginRemoval: script(`
if redis.call('EXISTS', record) == 1 then
  redis.call('SREM', '${keys.datasetLeftovers}', ARGV[2])
  return 0
end
if redis.call('EXISTS', '${keys.datasetClaims('')}' .. ARGV[1]) == 1 then return 0 end
redis.call('SET', '${keys.datasetRemoval('')}' .. ARGV[1], 1, 'EX', ARGV[3])
return 1`),

  /** ARGV: id, hash of the content. */
  endRemoval: script(`
redis.call('SREM', '${keys.datasetLeftovers}', ARGV[2])
redis.call('DEL', '${keys.datasetRemoval('')}' .. ARGV[1])
return 1`),
} as const;
