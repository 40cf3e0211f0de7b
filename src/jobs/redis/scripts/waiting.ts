/**
 * What becomes of a fit that waits for its finder. KEYS and ARGV as each script says; `common.ts` has what all know.
 */
import { script } from './common.js';

/** By name: Lua. */
export const waiting = {
  /**
   * A waiting fit gets its rate. ARGV: spec, lr_find. Answers its line, or '' if it doesn't
   * wait, or goes aside.
   */
  releaseJob: script(`
if get('status') == 'queued' and get('lr_find') == ARGV[2] then return isAside() and '' or line() end
if get('status') ~= 'waiting' then return '' end
redis.call('HSET', record, 'spec', ARGV[1], 'lr_find', ARGV[2])
if get('_auto') then set('_kind', home(kinds(get('_pool')))) end
return enter()`),

  /**
   * A waiting fit ends without having run. ARGV: status, now, error or '', lr_find. Answers 1, or 0 if it doesn't wait.
   */
  dropJob: script(`
if get('status') ~= 'waiting' then return 0 end
set('lr_find', ARGV[4])
return finish(ARGV[1], ARGV[2], ARGV[3] ~= '' and cjson.decode(ARGV[3]) or nil) and 1 or 0`),
} as const;
