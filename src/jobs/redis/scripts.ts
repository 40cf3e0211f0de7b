/**
 * Every change of a record, each one atomic. KEYS[1] and KEYS[2] are the job's record and its log. Fields whose names
 * begin with `_` are ours alone: `_lease` (who may write), `_seq` (the next frame's), `_message` (the last of the
 * writer's that was stored), `_kind` (the queue whose entry counts; an entry in another queue is void), `_auto` (the
 * kind may change), `_fit` (a finder's fit), `_crashes`, `_max_attempts`, `_cancel` (was asked for), `_worker`,
 * `_ran_ms`, `_order`, `_band` (of its priority: places.ts), `_concurrency_key`, `_concurrency_limit`; `_at` (the
 * position of its last checkpoint), `_checkpoints` (counts them), `_asked` (names of checkpoints that clients asked
 * for), `_pause` (was asked for), `_finish` (epochs of the cooldown that was asked for), `_from` (what another job has
 * left it to go on from), `_idempotency` (the Redis key that stands for it).
 *
 * An answer lost with its connection makes ioredis send a command again: each script takes a
 * repetition for what it is.
 */
import { isTerminal, jobStatuses, transitions } from '../record.js';
import { concurrency } from './concurrency.js';
import { keys } from './keys.js';
import { removal } from './removal.js';

const table = (entries: string[]): string => `{${entries.join(',')}}`;
const allowed = table(jobStatuses.map((from) => `${from}=${table(transitions[from].map((to) => `${to}=true`))}`));
const ended = table(jobStatuses.filter(isTerminal).map((status) => `${status}=true`));

const common = `
local record, log = KEYS[1], KEYS[2]
local allowed, ended = ${allowed}, ${ended}
local function get(field) return redis.call('HGET', record, field) end
local function set(field, value) redis.call('HSET', record, field, value) end

local function append(frame)
  local seq = redis.call('HINCRBY', record, '_seq', 1) - 1
  redis.call('XADD', log, seq .. '-1', 'frame', frame)
end

local function isDraining(worker) return redis.call('EXISTS', '${keys.draining('')}' .. worker) == 1 end

-- The workers that live, as their heartbeats tell, and whether each takes no more jobs; who was silent for too long is
-- forgotten.
local function live()
  local workers = {}
  for _, id in ipairs(redis.call('SMEMBERS', '${keys.workers}')) do
    local json = redis.call('GET', '${keys.worker('')}' .. id)
    if json then table.insert(workers, {json, isDraining(id) and 1 or 0})
    else redis.call('SREM', '${keys.workers}', id) end
  end
  return workers
end

-- The kinds of the workers that take jobs.
local function kinds()
  local found = {}
  for _, worker in ipairs(live()) do
    if worker[2] == 0 then found[cjson.decode(worker[1]).kind] = true end
  end
  return found
end

-- The kind of worker that a job for 'auto' is for: one with a GPU where one lives.
local function home(found) return found.gpu and 'gpu' or 'cpu' end

${concurrency}
-- Moves to a status that the table allows and logs it; 'extra' is more of the frame.
local function move(to, extra)
  local from = get('status')
  if from and not allowed[from][to] then return false end
  local id, order = string.match(record, '[^:]+$'), get('_order')
  if from then redis.call('ZREM', '${keys.index()}:' .. from, id) end
  redis.call('ZADD', '${keys.index()}:' .. to, order, id)
  set('status', to)
  seat(to)
  append('{"type":"status","status":"' .. to .. '","attempt":' .. get('attempt') .. (extra or '') .. '}')
  return true
end

-- Ends the job. An error is completed by where it happened.
local function finish(to, now, problem)
  local extra
  if problem then
    problem.attempt = tonumber(get('attempt'))
    local at = cjson.decode(get('progress'))
    for _, name in ipairs({'phase', 'epoch', 'iteration'}) do
      if problem[name] == nil and get('started_at') ~= 'null' then problem[name] = at[name] end
    end
    local json = cjson.encode(problem)
    set('error', json)
    extra = ',"error":' .. json
  end
  if not move(to, extra) then return false end
  set('finished_at', '"' .. now .. '"')
  redis.call('ZADD', '${keys.unarchived}', get('_order'), string.match(record, '[^:]+$'))
  return true
end

-- Whether whoever holds (attempt, lease) may still write.
local function holds(attempt, lease)
  local status = get('status')
  return (status == 'running' or status == 'pausing') and get('attempt') == attempt and get('_lease') == lease
end

-- Whether a worker other than this one runs the job, or may: its heartbeat says so, or there was none for a while.
local function held(worker)
  local other = get('_worker')
  if other == worker then return false end
  if redis.call('EXISTS', '${keys.returned}') == 1 then return true end
  local json = redis.call('GET', '${keys.worker('')}' .. other)
  return json and cjson.decode(json).job == string.match(record, '[^:]+$')
end

-- What comes next starts at the last checkpoint: that is how far the job is.
local function goBack()
  local at, progress = cjson.decode(get('_at') or '{"phase":0,"epoch":0,"iteration":0}'), cjson.decode(get('progress'))
  for name, value in pairs(at) do progress[name] = value end
  progress.estimated_finish = cjson.null
  set('progress', cjson.encode(progress))
end

local function begin(lease, worker, now)
  redis.call('HSET', record, '_lease', lease, '_worker', worker, '_message', 0)
  if get('started_at') == 'null' then set('started_at', '"' .. now .. '"') end
  goBack()
  move('running')
  return {'run', tonumber(get('attempt')), get('_ran_ms')}
end

-- The job gives its device back until it is resumed.
local function rest()
  redis.call('HDEL', record, '_pause')
  goBack()
  return move('paused')
end

-- The attempt came to nothing: the next one, or the end where there may be none.
local function again(lease, worker, now, problem)
  if get('_cancel') then
    finish('cancelled', now)
    return {'cancelled'}
  end
  if get('_pause') then
    redis.call('HINCRBY', record, 'attempt', 1)
    rest()
    return {'paused'}
  end
  if redis.call('HINCRBY', record, '_crashes', 1) >= tonumber(get('_max_attempts')) then
    finish('failed', now, problem)
    return {'failed'}
  end
  redis.call('HINCRBY', record, 'attempt', 1)
  return begin(lease, worker, now)
end
`;

const script = (body: string): string => common + body;

/** By name, as `Client` has them: Lua. */
export const scripts = {
  /**
   * KEYS: idempotency key (or ''), then record and log of each job. ARGV: hash of the body, seconds that the key is
   * kept, how many jobs may wait, the kind of worker or 'auto', then of each job: id, status, number of fields, names
   * and values. Answers {'known', the job that the idempotency key already stands for, hash of its body} | {'created',
   * kind, 1 if the queued one waits aside} | {'abandoned'}: its files were taken for left over and removed | {'full'}.
   */
  createJobs: script(`
local known = KEYS[1] ~= '' and redis.call('HMGET', KEYS[1], 'job', 'body') or {}
-- A repetition of this command finds the jobs that it has made.
if redis.call('EXISTS', KEYS[2]) == 1 then return {'created', redis.call('HGET', KEYS[2], '_kind'), 0} end
if known[1] then return {'known', known[1], known[2]} end
if redis.call('EXISTS', '${keys.abandoned('')}' .. ARGV[5]) == 1 then return {'abandoned'} end
local waiting = redis.call('ZCARD', '${keys.index('queued')}') + redis.call('ZCARD', '${keys.index('waiting')}')
if waiting >= tonumber(ARGV[3]) then return {'full'} end
local kind = ARGV[4] == 'auto' and home(kinds()) or ARGV[4]
local position, parked = 5, 0
for job = 1, (#KEYS - 1) / 2 do
  record, log = KEYS[2 * job], KEYS[2 * job + 1]
  local id, status, count = ARGV[position], ARGV[position + 1], tonumber(ARGV[position + 2])
  for field = position + 3, position + 1 + 2 * count, 2 do redis.call('HSET', record, ARGV[field], ARGV[field + 1]) end
  position = position + 3 + 2 * count
  set('_kind', kind)
  if ARGV[4] == 'auto' then set('_auto', 1) end
  local order = redis.call('INCR', '${keys.created}')
  set('_order', order)
  redis.call('ZADD', '${keys.index()}', order, id)
  local wait = status == 'queued' and mustWait()
  move(status)
  if wait then
    park()
    parked = 1
  end
  if job == 1 and KEYS[1] ~= '' then
    redis.call('HSET', KEYS[1], 'job', id, 'body', ARGV[1])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    set('_idempotency', KEYS[1])
  end
end
return {'created', kind, parked}`),

  /**
   * Files were stored for a job, long ago. KEYS: its record. ARGV: its id, seconds that this is remembered for.
   * Answers 1 if it was never created, and sees to it that it never will be; else 0.
   */
  abandonJob: script(`
if redis.call('EXISTS', record) == 1 then return 0 end
redis.call('SET', '${keys.abandoned('')}' .. ARGV[1], 1, 'EX', ARGV[2])
return 1`),

  /**
   * A worker lives. ARGV: its id, what it says, milliseconds that this holds, and that all have after a silence, seconds
   * that a draining is remembered for. Answers 1 where it is to take no more jobs, else 0.
   */
  beat: script(`
if redis.call('EXISTS', '${keys.beats}') == 0 then redis.call('SET', '${keys.returned}', 1, 'PX', ARGV[4]) end
redis.call('SET', '${keys.beats}', 1, 'PX', ARGV[3])
redis.call('SET', '${keys.worker('')}' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
redis.call('SADD', '${keys.workers}', ARGV[1])
return redis.call('EXPIRE', '${keys.draining('')}' .. ARGV[1], ARGV[5])`),

  /** Answers of each worker that lives what its heartbeat says, as JSON, and 1 where it takes no more jobs. */
  liveWorkers: script(`return live()`),

  /** Answers the kind of worker that jobs for 'auto' are for now. */
  homeKind: script(`return home(kinds())`),

  /**
   * A job for 'auto' goes to the workers that should have it now, if it waits in a queue; or if it runs, its worker is
   * silent and no other worker reads its queue: the next one goes on with it. Answers the new kind, or '' where nothing
   * is to be done about the queues.
   */
  rehomeJob: script(`
local status, from, found = get('status'), get('_kind'), kinds()
local to = home(found)
if not get('_auto') or from == to then return '' end
local running = status == 'running' or status == 'pausing'
local stranded = running and not found[from] and redis.call('EXISTS', '${keys.worker('')}' .. get('_worker')) == 0
if status ~= 'queued' and not stranded then return '' end
rehome(to)
return isAside() and '' or to`),

  /**
   * A worker takes the job. ARGV: lease, worker, now, error if a worker died over it once too often, the kind of its
   * queue. Answers {'run', attempt, milliseconds run before} | {'missing' | 'moved' | 'waiting' | 'ended' | 'failed' |
   * 'cancelled' | 'held' | 'aside' | 'draining'}; 'moved': this queue's entry is void, another has the job; 'held': the
   * queue took it for stalled, as after an absence of the server, and its worker goes on with it; 'draining': the worker
   * is to take none.
   */
  takeJob: script(`
local status = get('status')
if not status then return {'missing'} end
if ended[status] then return {'ended'} end
if get('_kind') ~= ARGV[5] then return {'moved'} end
if status == 'queued' and isFull() then
  park()
  return {'aside'}
end
if isDraining(ARGV[2]) and get('_lease') ~= ARGV[1] then return {'draining'} end
if status == 'queued' then return begin(ARGV[1], ARGV[2], ARGV[3]) end
if status ~= 'running' and status ~= 'pausing' then return {status} end
if get('_lease') == ARGV[1] then return {'run', tonumber(get('attempt')), get('_ran_ms')} end
if held(ARGV[2]) then return {'held'} end
return again(ARGV[1], ARGV[2], ARGV[3], cjson.decode(ARGV[4]))`),

  /** The trainer crashed. ARGV: attempt, lease, new lease, worker, now, error. Answers as takeJob, or {'lost'}. */
  retryJob: script(`
if get('_lease') == ARGV[3] then return {'run', tonumber(get('attempt')), get('_ran_ms')} end
if not holds(ARGV[1], ARGV[2]) then return {'lost'} end
return again(ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]))`),

  /**
   * Frames of the attempt that runs. ARGV: attempt, lease, the message's number (from 1), fields as JSON object of
   * strings, frames. Answers {'lost' | 'cancel' | 'pause' | 'ok', names of checkpoints that are asked for as JSON, epochs of the
   * cooldown if the run is to finish, or ''}. A
   * server that came back without its last writes has lost what the attempt is about: its log would have a hole.
   */
  appendFrames: script(`
if not holds(ARGV[1], ARGV[2]) then return {'lost', '[]', ''} end
local stored = tonumber(get('_message'))
if tonumber(ARGV[3]) > stored + 1 then return {'lost', '[]', ''} end
if tonumber(ARGV[3]) > stored then
  local seq = tonumber(get('_seq'))
  for i = 5, #ARGV do redis.call('XADD', log, (seq + i - 5) .. '-1', 'frame', ARGV[i]) end
  redis.call('HSET', record, '_message', ARGV[3], '_seq', seq + #ARGV - 4)
  for field, value in pairs(cjson.decode(ARGV[4])) do set(field, value) end
end
return {get('_cancel') and 'cancel' or get('_pause') and 'pause' or 'ok', get('_asked') or '[]', get('_finish') or ''}`),

  /**
   * The attempt that runs ends the job. ARGV: attempt, lease, status, now, error or '', fields as JSON object of
   * strings. Answers 1, or 0 if it may not.
   */
  endJob: script(`
if get('status') == ARGV[3] and get('attempt') == ARGV[1] and get('_lease') == ARGV[2] then return 1 end
if not holds(ARGV[1], ARGV[2]) then return 0 end
for field, value in pairs(cjson.decode(ARGV[6])) do set(field, value) end
return finish(ARGV[3], ARGV[4], ARGV[5] ~= '' and cjson.decode(ARGV[5]) or nil) and 1 or 0`),

  /**
   * The worker shuts down: the job goes back to the queue, and nothing counts against it. ARGV: attempt, lease, now.
   * Answers 1, or 0 if it may not.
   */
  handBackJob: script(`
if not holds(ARGV[1], ARGV[2]) then return 0 end
if get('_cancel') then return finish('cancelled', ARGV[3]) and 1 or 0 end
redis.call('HINCRBY', record, 'attempt', 1)
if get('_pause') then return rest() and 1 or 0 end
goBack()
return move('queued') and 1 or 0`),

  /**
   * A waiting fit gets its rate. ARGV: spec, lr_find. Answers the kind of worker that it is for, or '' if it doesn't
   * wait.
   */
  releaseJob: script(`
if get('status') == 'queued' and get('lr_find') == ARGV[2] then return get('_kind') end
if get('status') ~= 'waiting' then return '' end
redis.call('HSET', record, 'spec', ARGV[1], 'lr_find', ARGV[2])
if get('_auto') then set('_kind', home(kinds())) end
move('queued')
return get('_kind')`),

  /**
   * A waiting fit ends without having run. ARGV: status, now, error or '', lr_find. Answers 1, or 0 if it doesn't wait.
   */
  dropJob: script(`
if get('status') ~= 'waiting' then return 0 end
set('lr_find', ARGV[4])
return finish(ARGV[1], ARGV[2], ARGV[3] ~= '' and cjson.decode(ARGV[3]) or nil) and 1 or 0`),

  /** A user cancels. ARGV: now. Answers 'missing' | 'ended' | 'asked' (its worker will) | 'cancelled'. */
  cancelJob: script(`
local status = get('status')
if not status then return 'missing' end
if ended[status] then return 'ended' end
if status == 'running' or status == 'pausing' then
  set('_cancel', 1)
  if redis.call('EXISTS', '${keys.worker('')}' .. get('_worker')) == 1 then
    redis.call('PUBLISH', '${keys.control}', string.match(record, '[^:]+$'))
    return 'asked'
  end
end
finish('cancelled', ARGV[1])
return 'cancelled'`),

  /**
   * A user pauses. ARGV: now. Answers 'missing' | 'ended' | 'asked' (its worker will) | 'done' | the status, in which it
   * can't be.
   */
  pauseJob: script(`
local status = get('status')
if not status then return 'missing' end
if ended[status] then return 'ended' end
if status == 'pausing' then return 'asked' end
if status == 'running' then
  set('_pause', 1)
  move('pausing')
  if redis.call('EXISTS', '${keys.worker('')}' .. get('_worker')) == 1 then
    redis.call('PUBLISH', '${keys.control}', string.match(record, '[^:]+$'))
    return 'asked'
  end
  redis.call('HINCRBY', record, 'attempt', 1)
elseif status ~= 'queued' then return status end
rest()
return 'done'`),

  /** The attempt that runs has stopped for a pause. ARGV: attempt, lease. Answers 1, or 0 if it may not. */
  restJob: script(`
if get('status') == 'paused' and get('_lease') == ARGV[2] then return 1 end
if not holds(ARGV[1], ARGV[2]) then return 0 end
if get('_cancel') then return 0 end
redis.call('HINCRBY', record, 'attempt', 1)
return rest() and 1 or 0`),

  /** A user resumes. Answers {'resumed', kind of worker} | {'missing'} | {the status that is not 'paused'}. */
  resumeJob: script(`
local status = get('status')
if not status then return {'missing'} end
if status ~= 'paused' then return {status} end
if get('_auto') then set('_kind', home(kinds())) end
move('queued')
return {'resumed', get('_kind')}`),

  /**
   * The attempt that runs has stored a checkpoint. KEYS: record, log, checkpoints. ARGV: attempt, lease, id, what is
   * told of it as JSON, its position as JSON, its name or ''. Answers 1, or 0 if it may not.
   */
  addCheckpoint: script(`
if redis.call('HEXISTS', KEYS[3], ARGV[3]) == 1 then return 1 end
if not holds(ARGV[1], ARGV[2]) then return 0 end
redis.call('HSET', KEYS[3], ARGV[3], redis.call('HINCRBY', record, '_checkpoints', 1) .. ' ' .. ARGV[4])
set('_at', ARGV[5])
local asked = ARGV[6] ~= '' and get('_asked')
if asked then
  local rest = {}
  for _, name in ipairs(cjson.decode(asked)) do if name ~= ARGV[6] then table.insert(rest, name) end end
  if #rest > 0 then set('_asked', cjson.encode(rest)) else redis.call('HDEL', record, '_asked') end
end
return 1`),

  /** A user asks for a checkpoint. ARGV: its name. Answers 'missing' | 'asked' | the status in which there is none. */
  askCheckpoint: script(`
local status = get('status')
if not status then return 'missing' end
if status ~= 'running' then return status end
local asked = cjson.decode(get('_asked') or '[]')
table.insert(asked, ARGV[1])
set('_asked', cjson.encode(asked))
redis.call('PUBLISH', '${keys.control}', string.match(record, '[^:]+$'))
return 'asked'`),

  /**
   * A user has a job leave its schedule. ARGV: epochs of the cooldown. Answers 'missing' | 'asked' | the status in which
   * it can't.
   */
  finishJob: script(`
local status = get('status')
if not status then return 'missing' end
if status ~= 'running' then return status end
if get('_finish') or cjson.decode(get('spec')).finish then return 'finishing' end
set('_finish', ARGV[1])
redis.call('PUBLISH', '${keys.control}', string.match(record, '[^:]+$'))
return 'asked'`),

  /** KEYS: record, log, checkpoints, the checkpoint's pins. ARGV: its id, the job that needs it. Answers 1, or 0: gone. */
  pinCheckpoint: script(`
if redis.call('HEXISTS', KEYS[3], ARGV[1]) == 0 then return 0 end
redis.call('SADD', KEYS[4], ARGV[2])
return 1`),

  /** KEYS as pinCheckpoint. ARGV: its id. Answers 1, or 0 where a job needs it. */
  dropCheckpoint: script(`
if redis.call('SCARD', KEYS[4]) > 0 then return 0 end
redis.call('HDEL', KEYS[3], ARGV[1])
return 1`),

  /**
   * A user deletes the job; a fit takes its finder with it. ARGV: now, seconds that their logs stay for those who
   * follow them. Answers {'missing'} | {'active' (it runs) | 'waiting' | 'awaited' (by its fit) | 'searching' (its
   * finder runs), the job that this is said of} | {'removed', id, kind and concurrency key or '' of each by turns,
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

  /**
   * A job needs a checkpoint no more. ARGV: the job whose it is, its id, the job that needed it. Answers leftovers.
   */
  unpinCheckpoint: script(`${removal}
unpin(ARGV[1], ARGV[2], ARGV[3])
return leftovers`),

  /** Jobs of a key come in from aside, as many as may. ARGV: concurrency key. Answers kind and id of each, by turns. */
  admitJobs: script(`return admit(ARGV[1])`),

  /**
   * A worker is to take no more jobs. ARGV: its id, seconds that this is remembered for. Answers 1, or 0 where it does
   * not live.
   */
  drainWorker: script(`
if redis.call('EXISTS', '${keys.worker('')}' .. ARGV[1]) == 0 then return 0 end
redis.call('SET', '${keys.draining('')}' .. ARGV[1], 1, 'EX', ARGV[2])
redis.call('PUBLISH', '${keys.control}', ARGV[1])
return 1`),
} as const;
