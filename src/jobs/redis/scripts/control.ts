/**
 * What users ask of a job: to cancel, pause, resume, finish and rename. KEYS and ARGV as each script says; `common.ts` has what
 * all know.
 */
import { script } from './common.js';

/** By name: Lua. */
export const control = {
  /** A user cancels. ARGV: now. Answers 'missing' | 'ended' | 'asked' (its worker will) | 'cancelled'. */
  cancelJob: script(`
local status = get('status')
if not status then return 'missing' end
if ended[status] then return 'ended' end
if status == 'running' or status == 'pausing' then
  set('_cancel', 1)
  if tellWorker() then return 'asked' end
end
finish('cancelled', ARGV[1])
return 'cancelled'`),

  /**
   * A user pauses. Answers 'missing' | 'ended' | 'asked' (its worker will) | 'done' | the status, in which
   * it can't be.
   */
  pauseJob: script(`
local status = get('status')
if not status then return 'missing' end
if ended[status] then return 'ended' end
if status == 'pausing' then return 'asked' end
if status == 'running' then
  set('_pause', 1)
  move('pausing')
  if tellWorker() then return 'asked' end
elseif status ~= 'queued' then return status end
rest()
return 'done'`),

  /** The attempt that runs has stopped for a pause. ARGV: attempt, lease. Answers 1, or 0 if it may not. */
  restJob: script(`
if get('status') == 'paused' and get('_lease') == ARGV[2] then return 1 end
if not holds(ARGV[1], ARGV[2]) then return 0 end
if get('_cancel') then return 0 end
return rest() and 1 or 0`),

  /** A user resumes. Answers {'resumed', its line or '' (it waits aside)} | {'missing'} | {the status that is not 'paused'}. */
  resumeJob: script(`
local status = get('status')
if not status then return {'missing'} end
if status ~= 'paused' then return {status} end
if get('_auto') then set('_kind', home(kinds(get('_pool')))) end
return {'resumed', enter()}`),

  /**
   * A user has a job leave its schedule. ARGV: epochs of the cooldown. Answers 'missing' | 'asked' | the status in
   * which it can't.
   */
  finishJob: script(`
local status = get('status')
if not status then return 'missing' end
if status ~= 'running' then return status end
if get('_finish') or cjson.decode(get('spec')).finish then return 'finishing' end
set('_finish', ARGV[1])
tellWorker()
return 'asked'`),

  /**
   * A user names a job otherwise. ARGV: name ('' for none) and tags as they were read, name and tags as they are to be,
   * JSON each. Answers 'missing' | 'changed' (by somebody else meanwhile) | 'updated'.
   */
  updateJob: script(`
if not get('status') then return 'missing' end
local name, tags = get('name') or '', get('tags')
if name == ARGV[3] and tags == ARGV[4] then return 'updated' end
if name ~= ARGV[1] or tags ~= ARGV[2] then return 'changed' end
if ARGV[3] == '' then redis.call('HDEL', record, 'name') else set('name', ARGV[3]) end
untag()
set('tags', ARGV[4])
tag()
return 'updated'`),
} as const;
