import { FAIR_ORDER_SECONDS } from '../policy.js';
import { UNPLACED } from './fair-order.js';

/**
 * Start-time fair queueing, the part that both scripts share. A job's place is one behind the last place of its account,
 * but not before the place that is served now. So the next jobs of all accounts are side by side. Jobs that run again are
 * counted in a second line of their account (`again:`), so that they neither wait behind the account's newer jobs nor go
 * before the other accounts.
 *
 * BullMQ keeps waiting jobs in one sorted set, `prioritized`, scored `priority * 2^32 + arrival number`. A script reads and
 * changes it together with the last places, so that no process sees one without the other.
 */
export const PLACES_LUA = `
local UNPLACED, SHIFT = ${UNPLACED}, 0x100000000

-- Forgets the places that have been served. Returns the first place that a job may get.
local function readServedPlace(places, prioritized)
  local first = redis.call('ZRANGE', prioritized, 0, 0, 'WITHSCORES')[2]
  local served = first and math.floor(tonumber(first) / SHIFT) or UNPLACED
  local now = 1
  if served < UNPLACED then
    now = math.max(tonumber(redis.call('ZSCORE', places, '') or 1), served)
    redis.call('ZREMRANGEBYSCORE', places, '-inf', '(' .. now)
  else
    -- No job with a place waits: all accounts start again from the first place.
    redis.call('DEL', places)
  end
  redis.call('ZADD', places, now, '')
  redis.call('EXPIRE', places, ${FAIR_ORDER_SECONDS})
  return now
end

local function placeBehind(last, now)
  return math.min(math.max(now, last + 1), UNPLACED - 1)
end
`;
