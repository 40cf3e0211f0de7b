/** Bytes that are stored count for a tenant, and for the API key that stores them; as Lua within a script. */

/**
 * Counts them, or answers for which of the two they are too much, 'tenant' or 'key'. `tenants`, `keys`: the hashes;
 * `first`: where ARGV has bytes, tenant, bytes that it may store or '', key or '', bytes that this may store or ''.
 */
export const storing = (tenants: string, keys: string, first: number): string => `
  local bytes, tenant, most, key, mostOfKey = unpack(ARGV, ${first}, ${first + 4})
  local function isTooMuch(hash, of, most)
    return most ~= '' and tonumber(redis.call('HGET', hash, of) or 0) + tonumber(bytes) > tonumber(most)
  end
  if isTooMuch(${tenants}, tenant, most) then return 'tenant' end
  if isTooMuch(${keys}, key, mostOfKey) then return 'key' end
  redis.call('HINCRBY', ${tenants}, tenant, bytes)
  if key ~= '' then redis.call('HINCRBY', ${keys}, key, bytes) end`;
