import type { KeysMap } from 'bullmq';

import { accountOf, type NewJobs } from './fair-order.js';
import { PLACES_LUA } from './places.js';

/** Jobs and characters of payload that one run of the script adds. Redis runs other commands between two runs. */
const MAX_JOBS = 500;
const MAX_CHARACTERS = 1_048_576;

/**
 * Adds jobs at their places. It writes what BullMQ's `addPrioritizedJob` writes (test/integration/add-jobs.spec.ts compares
 * the two), with one change of each shared key for all jobs. It writes no events, because nothing on Redis reads them.
 * A job whose key exists is ignored, as BullMQ ignores it.
 *
 * KEYS: the last places, `prioritized`, `marker`, `meta`, `id`, `pc`, `active`.
 * ARGV: the prefix of the jobs' keys, the jobs' name, their options without the opening brace, the time, and for each job its
 * id, account and data. Returns 1 when jobs wait without a place.
 */
const ADD_JOBS = `${PLACES_LUA}
local places, prioritized, marker, meta, counter, arrivals, active = unpack(KEYS)
local prefix, name, options, timestamp = unpack(ARGV)

redis.call('INCRBY', counter, (#ARGV - 4) / 3)
local arrival = tonumber(redis.call('GET', arrivals) or 0)
local now, last = nil, {}
local waiting = {}

for i = 5, #ARGV, 3 do
  local id, account = ARGV[i], ARGV[i + 1]
  local key = prefix .. id
  if redis.call('EXISTS', key) == 0 then
    now = now or readServedPlace(places, prioritized)
    local place = placeBehind(last[account] or tonumber(redis.call('ZSCORE', places, account) or 0), now)
    last[account] = place
    arrival = arrival + 1
    redis.call('HSET', key, 'name', name, 'data', ARGV[i + 2],
      'opts', '{"jobId":' .. cjson.encode(id) .. ',"priority":' .. place .. ',' .. options,
      'timestamp', timestamp, 'delay', 0, 'priority', place)
    waiting[#waiting + 1] = place * SHIFT + arrival % SHIFT
    waiting[#waiting + 1] = id
  end
end

if #waiting > 0 then
  local ends = {}
  for account, place in pairs(last) do
    ends[#ends + 1] = place
    ends[#ends + 1] = account
  end
  redis.call('SET', arrivals, arrival)
  redis.call('ZADD', places, unpack(ends))
  redis.call('ZADD', prioritized, unpack(waiting))
  local paused, concurrency = unpack(redis.call('HMGET', meta, 'paused', 'concurrency'))
  if not paused and not (concurrency and redis.call('LLEN', active) >= tonumber(concurrency)) then
    redis.call('ZADD', marker, 0, '0')
  end
end

local behind = redis.call('ZRANGE', prioritized, -1, -1, 'WITHSCORES')[2]
return behind and tonumber(behind) >= UNPLACED * SHIFT and 1 or 0
`;

/** The definition and the name of the script, as BullMQ's client takes them. The client repeats it after NOSCRIPT. */
export const ADD_SCRIPT = {
  name: 'addJobsAtPlaces',
  definition: { numberOfKeys: 7, lua: ADD_JOBS },
} as const;

/** The arguments of as many runs of the script as the jobs need. */
export function argumentsOf(
  keys: KeysMap,
  places: string,
  { name, options, jobs }: NewJobs,
): readonly (readonly (string | number)[])[] {
  const shared = ['prioritized', 'marker', 'meta', 'id', 'pc', 'active'].map(
    (key) => keys[key] ?? '',
  );
  const rest = JSON.stringify(options).slice(1);
  const start = [places, ...shared, keys[''] ?? '', name, rest, Date.now()];
  const runs: (string | number)[][] = [];
  let run: (string | number)[] = [];
  let characters = 0;
  for (const { id, data } of jobs) {
    const text = JSON.stringify(data);
    const isFull = run.length >= start.length + 3 * MAX_JOBS;
    if (runs.length === 0 || isFull || characters + text.length > MAX_CHARACTERS) {
      run = [...start];
      runs.push(run);
      characters = 0;
    }
    run.push(id, accountOf(data), text);
    characters += text.length;
  }
  return runs;
}
