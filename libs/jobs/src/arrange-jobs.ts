/** What a job waits with until it has its place: behind all that have one. The largest priority whose score is exact. */
export const UNPLACED = 2_097_151;
/** So many jobs one run of the script places: between two runs other commands have their turn. */
export const PLACED_AT_ONCE = 500;

/** Longer than any job waits. */
const KEPT_SECONDS = 86_400;

/**
 * Start-time fair queueing: gives places to the jobs that wait without one, in the order of their arrival. A place is the
 * one behind its account's last, or the one that is served now, if that is later: so each account's next job stands beside
 * the others' next. What runs again stands in a second row of its account: neither behind its newer jobs, nor before
 * everybody else's. @returns how many were placed.
 *
 * BullMQ keeps what waits in one sorted set, scored `priority * 2^32 + number of arrival`; it is read and changed in the
 * same step as the last places, so that nobody sees one without the other. Of a job's hash it reads `data` and `ats`, the
 * number of attempts that were started.
 *
 * KEYS: the last places, `prioritized`. ARGV: what the keys of jobs begin with.
 */
export const ARRANGE_JOBS = `
local UNPLACED, SHIFT = ${UNPLACED}, 0x100000000
local places, prioritized = KEYS[1], KEYS[2]

local jobs = redis.call('ZRANGEBYSCORE', prioritized, UNPLACED * SHIFT, '+inf', 'WITHSCORES', 'LIMIT', 0, ${PLACED_AT_ONCE})
if #jobs == 0 then return 0 end

local now = tonumber(redis.call('ZSCORE', places, '') or 1)
local served = math.floor(tonumber(redis.call('ZRANGE', prioritized, 0, 0, 'WITHSCORES')[2]) / SHIFT)
if served < UNPLACED then
  now = math.max(now, served)
  redis.call('ZREMRANGEBYSCORE', places, '-inf', '(' .. now)
else
  -- Nothing that has a place waits: all begin anew.
  now = 1
  redis.call('DEL', places)
end
redis.call('ZADD', places, now, '')

for i = 1, #jobs, 2 do
  local id, score = jobs[i], tonumber(jobs[i + 1])
  local key = ARGV[1] .. id
  local data, started = unpack(redis.call('HMGET', key, 'data', 'ats'))
  local row = string.match(data or '', '"accountId":"([^"]*)"') or 'unknown'
  if tonumber(started or 0) > 0 then row = 'again:' .. row end
  local last = tonumber(redis.call('ZSCORE', places, row) or 0)
  local place = math.min(math.max(now, last + 1), UNPLACED - 1)
  redis.call('ZADD', places, place, row)
  redis.call('ZADD', prioritized, place * SHIFT + score % SHIFT, id)
  if data then redis.call('HSET', key, 'priority', place) end
end
redis.call('EXPIRE', places, ${KEPT_SECONDS})
return #jobs / 2
`;
