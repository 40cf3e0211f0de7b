/**
 * An attempt takes a job, writes, and ends or gives it back. KEYS and ARGV as each script says; `common.ts` has what
 * all know.
 */
import { script } from './common.js';

/** What takeJob does. */
const taking = `
local function take(lease, worker, now, died, kind, handedBack)
  local status = get('status')
  if not status then return {'missing'} end
  if ended[status] then return {'ended'} end
  if get('_kind') ~= kind then return {'moved'} end
  local full = status == 'queued' and isFull()
  if full then
    park(full)
    return {'aside', ''}
  end
  local why = status == 'queued' and losesTurn()
  if why then
    awaitTurn()
    return {'aside', why}
  end
  if isDraining(worker) and get('_lease') ~= lease then return {'draining'} end
  if status == 'queued' then return begin(lease, worker, now) end
  if status ~= 'running' and status ~= 'pausing' then return {status} end
  if get('_lease') == lease then return handOver('') end
  if held(worker) then return {'held'} end
  if handedBack == '?' then return {'look'} end
  return again(lease, worker, now, cjson.decode(died), get('_lease') == handedBack)
end
`;

/** By name: Lua. */
export const running = {
  /**
   * A worker takes the job. ARGV: lease, worker, now, error if a worker died over it once too often, the kind of its
   * queue, the lease of an attempt that a shutdown has ended, or '', or '?' where nobody has looked yet. Answers {'run',
   * attempt, milliseconds run before, its tenant if others of it wait for the turn, its hash, its checkpoints} |
   * {'missing' | 'moved' | 'waiting' | 'ended' | 'failed' | 'cancelled' | 'held' | 'aside' | 'draining' | 'look'};
   * 'moved': this queue's entry is void, another has the job; 'held': the queue took it for stalled, as after an absence
   * of the server, and its worker goes on with it; 'draining': the worker is to take none; 'look': for that lease.
   */
  takeJob: script(`
${taking}return take(unpack(ARGV))`),

  /**
   * As takeJob, for the job that a line has just given to a worker. KEYS: how records and logs begin, BullMQ's list of what
   * it has given, the last one first. ARGV: as takeJob, how the line's keys of jobs begin, the token that the worker asked
   * under. Answers {id, what takeJob answers}, or {''} where the line has given nothing.
   */
  takeGiven: script(`
${taking}local id = redis.call('LINDEX', KEYS[3], 0)
if not id or redis.call('GET', ARGV[7] .. id .. ':lock') ~= ARGV[8] then return {''} end
record, log = KEYS[1] .. id, KEYS[2] .. id
return {id, take(unpack(ARGV, 1, 6))}`),

  /** The trainer crashed. ARGV: attempt, lease, new lease, worker, now, error. Answers as takeJob, or {'lost'}. */
  retryJob: script(`
if get('_lease') == ARGV[3] then return handOver('') end
if not holds(ARGV[1], ARGV[2]) then return {'lost'} end
return again(ARGV[3], ARGV[4], ARGV[5], cjson.decode(ARGV[6]))`),

  /**
   * Frames of the attempt that runs. ARGV: attempt, lease, the message's number (from 1), fields as JSON object of
   * strings (`_trained`, what was trained since the last message, is no field), frames. Answers {'lost' | 'cancel' | 'pause' | 'ok', names of checkpoints that are asked for as JSON,
   * epochs of the cooldown if the run is to finish, or ''}. A server that came back without its last writes has lost
   * what the attempt is about: its log would have a hole.
   */
  appendFrames: script(`
if not holds(ARGV[1], ARGV[2]) then return {'lost', '[]', ''} end
local stored = tonumber(get('_message'))
if tonumber(ARGV[3]) > stored + 1 then return {'lost', '[]', ''} end
if tonumber(ARGV[3]) > stored then
  local seq = tonumber(get('_seq'))
  for i = 5, #ARGV do
    redis.call('XADD', log, (seq + i - 5) .. '-1', 'frame', ARGV[i])
    if string.sub(ARGV[i], 1, 15) == '{"type":"epoch"' then
      emit('job.epoch', seq + i - 5, '"seq":' .. seq + i - 5 .. ',"epoch":' .. ARGV[i])
    end
  end
  redis.call('HSET', record, '_message', ARGV[3], '_seq', seq + #ARGV - 4)
  if #ARGV > 4 then tally('frames', #ARGV - 4) end
  local fields = cjson.decode(ARGV[4])
  for what, value in pairs(cjson.decode(fields._trained or '{}')) do tally(what .. '|' .. get('_kind'), value) end
  fields._trained = nil
  for field, value in pairs(fields) do set(field, value) end
end
return {get('_cancel') and 'cancel' or get('_pause') and 'pause' or 'ok', get('_asked') or '[]', get('_finish') or ''}`),

  /**
   * The attempt that runs ends the job. ARGV: attempt, lease, status, now, error or '', fields as JSON object of
   * strings. Answers 1, or 0 if it may not.
   */
  endJob: script(`
if get('status') == ARGV[3] and get('attempt') == ARGV[1] and get('_lease') == ARGV[2] then return 1 end
if not holds(ARGV[1], ARGV[2]) then return 0 end
local fields = cjson.decode(ARGV[6])
for field, value in pairs(fields) do set(field, value) end
local throughput = cjson.decode(fields.throughput or 'null')
if type(throughput) == 'table' then observe('step', throughput.step_ms / 1000) end
return finish(ARGV[3], ARGV[4], ARGV[5] ~= '' and cjson.decode(ARGV[5]) or nil) and 1 or 0`),

  /**
   * The worker shuts down: the job goes back to the queue, and nothing counts against it. ARGV: attempt, lease, now.
   * Answers 1, or 0 if it may not.
   */
  handBackJob: script(`
if not holds(ARGV[1], ARGV[2]) then return 0 end
if get('_cancel') then return finish('cancelled', ARGV[3]) and 1 or 0 end
if get('_pause') then return rest() and 1 or 0 end
redis.call('HINCRBY', record, 'attempt', 1)
goBack()
return move('queued') and 1 or 0`),
} as const;
