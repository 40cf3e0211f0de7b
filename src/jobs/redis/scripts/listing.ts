/**
 * The indexes of lists, as Lua that the scripts have in common: jobs by status and type, and by tag. Each has its jobs in
 * the order of their creation. Jobs of versions that had not all of them: ../indexes.ts.
 */
import { keys } from '../keys.js';

/** Needs `record`, `idOf`, `get` and `typeOf`. */
export const listing = `
local function ofTenant()
  local tenant = get('_tenant')
  return tenant and '@' .. tenant or ''
end

-- Jobs of the job's tenant, or those of one status, of one type.
local function index(status, jobType)
  return '${keys.index()}' .. ofTenant() .. (status and ':' .. status or '') .. (jobType and ':' .. jobType or '')
end

-- The job is listed among those of a status; without one, among all.
local function enlist(status)
  local id, order = idOf(record), get('_order')
  redis.call('ZADD', index(status), order, id)
  redis.call('ZADD', index(status, typeOf()), order, id)
end

local function unlist(status)
  local id = idOf(record)
  redis.call('ZREM', index(status), id)
  redis.call('ZREM', index(status, typeOf()), id)
end

-- The indexes of the job's tags: of each the name's, and that of name:value. Half of a surrogate pair, which no UTF-8 has
-- and JSON has as an escape, cannot be decoded.
local function tagIndexes()
  local found = {}
  local json = string.gsub(get('tags') or '{}', [[\\\\]], [[\\u005c]])
  local tags = cjson.decode((string.gsub(json, [[\\ud[89a-f]%x%x]], [[\\ufffd]])))
  for name, value in pairs(tags) do
    for _, text in ipairs({name, name .. ':' .. value}) do
      table.insert(found, '${keys.tagged('')}' .. ofTenant() .. ':' .. text)
    end
  end
  return found
end

local function tag()
  for _, key in ipairs(tagIndexes()) do redis.call('ZADD', key, get('_order'), idOf(record)) end
end

local function untag()
  for _, key in ipairs(tagIndexes()) do redis.call('ZREM', key, idOf(record)) end
end
`;
