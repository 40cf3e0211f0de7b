/**
 * Uploaded data sets come and go, as jobs need them. KEYS[1]: the data set's record; ARGV as each script says. Tenants
 * have data sets of their own, whose files they share: a content's id is that of the default tenant's data set of it.
 * Files are stored under a claim before their record is, and removed after the last record of them, each by whoever: a
 * removal never begins under a claim, nor a claim during a removal.
 */
import { keys } from '../keys.js';
import { script } from './common.js';
import { storing } from './storing.js';

/** By name: Lua. */
export const datasets = {
  /** ARGV: content id, token, seconds that the claim stands. Answers 1, or 0 while the files of the same content are removed. */
  claimDataset: script(`
if redis.call('EXISTS', '${keys.datasetRemoval('')}' .. ARGV[1]) == 1 then return 0 end
local claims = '${keys.datasetClaims('')}' .. ARGV[1]
redis.call('SADD', claims, ARGV[2])
redis.call('EXPIRE', claims, ARGV[3])
return 1`),

  /** ARGV: content id, token. */
  releaseDataset: script(`
redis.call('SREM', '${keys.datasetClaims('')}' .. ARGV[1], ARGV[2])
return 1`),

  /**
   * KEYS: record, the tenant's data sets, bytes of tenants, bytes of API keys. ARGV: id, record as JSON, content id,
   * bytes, tenant, bytes that it may store or '', the key that stores it or '', bytes that this may store or ''. Answers
   * 'new', 'known': its record is replaced, its place stays; 'tenant' or 'key': it is too much for that.
   */
  storeDataset: script(`
local known = redis.call('EXISTS', record)
if known == 0 then
  ${storing('KEYS[3]', 'KEYS[4]', 4)}
  redis.call('HSET', record, 'key', ARGV[7])
end
redis.call('HSET', record, 'json', ARGV[2], 'tenant', ARGV[5])
redis.call('SADD', '${keys.datasetHolders('')}' .. ARGV[3], ARGV[1])
if known == 1 then return 'known' end
local order = redis.call('INCR', '${keys.datasetsCreated}')
set('order', order)
redis.call('ZADD', KEYS[2], order, ARGV[1])
return 'new'`),

  /**
   * KEYS as storeDataset. ARGV: id, hash of the content, content id, tenant, bytes. Answers {'removed'} | {'missing'} |
   * {'needed', a job that has not ended}. Its files are left over.
   */
  removeDataset: script(`
if redis.call('EXISTS', record) == 0 then return {'missing'} end
local jobs = '${keys.datasetJobs('')}' .. ARGV[1]
for _, job in ipairs(redis.call('SMEMBERS', jobs)) do
  local status = redis.call('HGET', '${keys.record('')}' .. job, 'status')
  if status and not ended[status] then return {'needed', job} end
  redis.call('SREM', jobs, job)
end
local key = redis.call('HGET', record, 'key')
if key and key ~= '' then redis.call('HINCRBY', KEYS[4], key, -ARGV[5]) end
redis.call('DEL', record)
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HINCRBY', KEYS[3], ARGV[4], -ARGV[5])
redis.call('SREM', '${keys.datasetHolders('')}' .. ARGV[3], ARGV[1])
redis.call('SADD', '${keys.datasetLeftovers}', ARGV[2])
return {'removed'}`),

  /**
   * KEYS: the default tenant's record. ARGV: content id, hash of the content, seconds. Answers 1 if the files may be
   * removed now; `endRemoval` says when they are.
   */
  beginRemoval: script(`
if redis.call('EXISTS', record) == 1 or redis.call('EXISTS', '${keys.datasetHolders('')}' .. ARGV[1]) == 1 then
  redis.call('SREM', '${keys.datasetLeftovers}', ARGV[2])
  return 0
end
if redis.call('EXISTS', '${keys.datasetClaims('')}' .. ARGV[1]) == 1 then return 0 end
redis.call('SET', '${keys.datasetRemoval('')}' .. ARGV[1], 1, 'EX', ARGV[3])
return 1`),

  /** ARGV: content id, hash of the content. */
  endRemoval: script(`
redis.call('SREM', '${keys.datasetLeftovers}', ARGV[2])
redis.call('DEL', '${keys.datasetRemoval('')}' .. ARGV[1])
return 1`),
} as const;
