/** Jobs that are not in all indexes of lists get there. ARGV as each script says; `common.ts` has what all know. */
import { script } from './common.js';

/** By name: Lua. */
export const indexes = {
  /** ARGV: ids of jobs. Those that are there are listed by status, type and tags. */
  indexJobs: script(`
for _, id in ipairs(ARGV) do
  record = recordOf(id)
  local status = get('status')
  if status then
    enlist()
    enlist(status)
    tag()
  end
end
return #ARGV`),

  /** ARGV: an index, the status that it is of or '', ids in it. Jobs that are gone, or have another status, leave it. */
  pruneIndex: script(`
for i = 3, #ARGV do
  record = recordOf(ARGV[i])
  local status = get('status')
  if not status or (ARGV[2] ~= '' and status ~= ARGV[2]) then redis.call('ZREM', ARGV[1], ARGV[i]) end
end
return #ARGV`),
} as const;
