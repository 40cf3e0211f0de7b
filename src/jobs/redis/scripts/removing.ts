/** Jobs are deleted. KEYS and ARGV as each script says; `common.ts` has what all know. */
import { keys } from '../keys.js';
import { script } from './common.js';
import { removal } from './removal.js';

/** By name: Lua. */
export const removing = {
  /**
   * A user deletes the job; a fit takes its finder with it. ARGV: now, seconds that their logs stay for those who
   * follow them. Answers {'missing'} | {'active' (it runs) | 'waiting' | 'awaited' (by its fit) | 'searching' (its
   * finder runs), the job that this is said of} | {'removed', {id, line, tenant, names of its groups} of each,
   * leftovers, jobs that need not keep checkpoints for it any more}. A repetition finds the leftovers.
   */
  removeJob: script(`${removal}
local id = idOf(record)
if not get('status') then
  if redis.call('SISMEMBER', '${keys.leftovers}', id) == 0 then return {'missing'} end
  return {'removed', {}, {id}, {}}
end
local why, other = obstacle(id)
if why then return {why, other} end
local finder = finderOf(id)
forget(id, ARGV[1], ARGV[2])
if finder then forget(finder, ARGV[1], ARGV[2]) end
return {'removed', removed, leftovers, released}`),
} as const;
