/** Posted models, and the jobs that need them. KEYS and ARGV as each script says; `common.ts` has what all know. */
import { defaultTenant } from '../../../schema/tenant.js';
import { keys } from '../keys.js';
import { script } from './common.js';
import { storing } from './storing.js';

/** A job that is to come is given so long to have its record. */
const comingSeconds = 60;

/** By name: Lua. */
export const models = {
  /** A job needs a model; its record need not be there yet. KEYS: models, users. ARGV: model, job. Answers 1, or 0: gone. */
  useModel: `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('ZADD', KEYS[2], redis.call('TIME')[1], ARGV[2])
return 1`,

  /**
   * KEYS: models, bytes of tenants, bytes of API keys. ARGV: model, what is told of it, its bytes, its tenant, bytes that
   * this may store or '', the key that stores it or '', bytes that this may store or ''. Answers 'stored', or 'tenant' or
   * 'key': it is too much for that.
   */
  storeModel: `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 'stored' end
${storing('KEYS[2]', 'KEYS[3]', 3)}
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 'stored'`,

  /**
   * Deletes a model that no job needs which has not ended. KEYS: models, users, bytes of tenants, bytes of API keys. ARGV: model. Answers {'missing'} |
   * {'used', a job that needs it} | {'removed', what was told of it}.
   */
  removeModel: script(`
local model = redis.call('HGET', KEYS[1], ARGV[1])
if not model then return {'missing'} end
local users = redis.call('ZRANGE', KEYS[2], 0, -1, 'WITHSCORES')
for i = 1, #users, 2 do
  local status = redis.call('HGET', '${keys.record('')}' .. users[i], 'status')
  local coming = not status and tonumber(redis.call('TIME')[1]) - tonumber(users[i + 1]) < ${comingSeconds}
  if coming or (status and not ended[status]) then return {'used', users[i]} end
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('DEL', KEYS[2])
local told = cjson.decode(model)
redis.call('HINCRBY', KEYS[3], told.tenant or '${defaultTenant}', -told.bytes)
if told.key and told.key ~= cjson.null then redis.call('HINCRBY', KEYS[4], told.key, -told.bytes) end
return {'removed', model}`),
} as const;
