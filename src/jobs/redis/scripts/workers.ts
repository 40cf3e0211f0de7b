/** Workers that live, and jobs that go to them. KEYS and ARGV as each script says; `common.ts` has what all know. */
import { keys } from '../keys.js';
import { script } from './common.js';

/** By name: Lua. */
export const workers = {
  /**
   * A worker lives. ARGV: its id, what it says, milliseconds that this holds, and that all have after a silence,
   * seconds that a draining is remembered for. Answers 1 where it is to take no more jobs, else 0.
   */
  beat: script(`
if redis.call('EXISTS', '${keys.beats}') == 0 then redis.call('SET', '${keys.returned}', 1, 'PX', ARGV[4]) end
redis.call('SET', '${keys.beats}', 1, 'PX', ARGV[3])
redis.call('SET', '${keys.worker('')}' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
redis.call('SADD', '${keys.workers}', ARGV[1])
return redis.call('EXPIRE', '${keys.draining('')}' .. ARGV[1], ARGV[5])`),

  /** Answers of each worker that lives what its heartbeat says, as JSON, and 1 where it takes no more jobs. */
  liveWorkers: script(`return live()`),

  /**
   * Which of these jobs are running by their records, while nobody is heard of who runs them: their workers are silent,
   * and Redis was not away. ARGV: ids. Answers those ids.
   */
  unheardJobs: script(`
local unheard = {}
if redis.call('EXISTS', '${keys.returned}') == 1 then return unheard end
for _, id in ipairs(ARGV) do
  local status, worker = unpack(redis.call('HMGET', recordOf(id), 'status', '_worker'))
  if status == 'running' and redis.call('EXISTS', '${keys.worker('')}' .. worker) == 0 then table.insert(unheard, id) end
end
return unheard`),

  /** Answers the kind of worker that jobs for 'auto' are for now. ARGV: their pool. */
  homeKind: script(`return home(kinds(ARGV[1]))`),

  /**
   * A worker is to take no more jobs. ARGV: its id, seconds that this is remembered for. Answers 1, or 0 where it does
   * not live.
   */
  drainWorker: script(`
if redis.call('EXISTS', '${keys.worker('')}' .. ARGV[1]) == 0 then return 0 end
redis.call('SET', '${keys.draining('')}' .. ARGV[1], 1, 'EX', ARGV[2])
redis.call('PUBLISH', '${keys.control}', ARGV[1])
return 1`),

  /**
   * A job for 'auto' goes to the workers that should have it now, if it waits in a queue; or if it runs, its worker is
   * silent and no other worker reads its queue: the next one goes on with it. Answers the new line, or '' where nothing
   * is to be done about the queues.
   */
  rehomeJob: script(`
local status, from, found = get('status'), get('_kind'), kinds(get('_pool'))
local to = home(found)
if not get('_auto') or from == to then return '' end
local running = status == 'running' or status == 'pausing'
local stranded = running and not found[from] and redis.call('EXISTS', '${keys.worker('')}' .. get('_worker')) == 0
if status ~= 'queued' and not stranded then return '' end
rehome(to)
return isAside() and '' or line()`),

  /** Jobs of a group come in from aside, as many as may. ARGV: its name. Answers line and id of each, by turns. */
  admitJobs: script(`return admit(ARGV[1])`),

  /**
   * A job's place is free. ARGV: '', or 'settled' once the fit that waits for it is. Answers that fit or '', and line
   * and id of each job that comes in for it, by turns: none before the fit is settled.
   */
  makeRoom: script(`
local fit, names, tenant = get('_fit'), limitedGroups(), tenantOf()
if fit and ARGV[1] == '' then return {fit, {}} end
local admitted = {}
for _, name in ipairs(names) do
  for _, each in ipairs(admit(name)) do table.insert(admitted, each) end
end
for _, each in ipairs(admitTurn(tenant)) do table.insert(admitted, each) end
return {'', admitted}`),

  /** So do those that wait for their tenant's turn. ARGV: tenant. Answers as admitJobs. */
  admitTurn: script(`return admitTurn(ARGV[1])`),
} as const;
