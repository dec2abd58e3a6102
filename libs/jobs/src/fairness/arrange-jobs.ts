import { PLACES_LUA } from './places.js';

/** Jobs that one run of the script places. Redis runs other commands between two runs. */
export const ARRANGED_AT_ONCE = 500;

/**
 * Places the waiting jobs that have no place yet, in the order of their arrival. These are jobs that came back from a delay.
 * From a job's hash the script reads `data` and `ats`, the number of attempts that were started.
 *
 * KEYS: the last places, `prioritized`. ARGV: the prefix of the jobs' keys. Returns the number of jobs placed.
 */
export const ARRANGE_JOBS = `${PLACES_LUA}
local places, prioritized = KEYS[1], KEYS[2]

local jobs = redis.call('ZRANGEBYSCORE', prioritized, UNPLACED * SHIFT, '+inf', 'WITHSCORES', 'LIMIT', 0, ${ARRANGED_AT_ONCE})
if #jobs == 0 then return 0 end

local now = readServedPlace(places, prioritized)
for i = 1, #jobs, 2 do
  local id, score = jobs[i], tonumber(jobs[i + 1])
  local key = ARGV[1] .. id
  local data, started = unpack(redis.call('HMGET', key, 'data', 'ats'))
  local line = string.match(data or '', '"accountId":"([^"]*)"') or 'unknown'
  if tonumber(started or 0) > 0 then line = 'again:' .. line end
  local place = placeBehind(tonumber(redis.call('ZSCORE', places, line) or 0), now)
  redis.call('ZADD', places, place, line)
  redis.call('ZADD', prioritized, place * SHIFT + score % SHIFT, id)
  if data then redis.call('HSET', key, 'priority', place) end
end
return #jobs / 2
`;
