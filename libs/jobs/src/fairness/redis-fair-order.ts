import { createHash } from 'node:crypto';

import type { Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';

import { FAIR_ORDER_SECONDS } from '../policy.js';
import { type QueueSettings, prefixOf } from '../connection/queue-settings.js';
import { connectRedis, quitRedis } from '../connection/redis-connection.js';
import { FairOrder, UNPLACED } from './fair-order.js';

/** Jobs that one run of the script places. Redis runs other commands between two runs. */
const BATCH = 500;

/**
 * Start-time fair queueing: places the waiting jobs that have no place yet, in the order of their arrival. A job's place
 * is one behind the last place of its account, but not before the place that is served now. So the next jobs of all
 * accounts are side by side. Jobs that run again are counted in a second line of their account (`again:`), so that they
 * neither wait behind the account's newer jobs nor go before the other accounts.
 *
 * BullMQ keeps waiting jobs in one sorted set, scored `priority * 2^32 + arrival number`. The script reads and changes it
 * together with the last places, so that no process sees one without the other. From a job's hash it reads `data` and
 * `ats`, the number of attempts that were started.
 *
 * KEYS: the last places, `prioritized`. ARGV: the prefix of the jobs' keys. Returns the number of jobs placed.
 */
const ARRANGE_JOBS = `
local UNPLACED, SHIFT = ${UNPLACED}, 0x100000000
local places, prioritized = KEYS[1], KEYS[2]

local jobs = redis.call('ZRANGEBYSCORE', prioritized, UNPLACED * SHIFT, '+inf', 'WITHSCORES', 'LIMIT', 0, ${BATCH})
if #jobs == 0 then return 0 end

local now = tonumber(redis.call('ZSCORE', places, '') or 1)
local served = math.floor(tonumber(redis.call('ZRANGE', prioritized, 0, 0, 'WITHSCORES')[2]) / SHIFT)
if served < UNPLACED then
  now = math.max(now, served)
  redis.call('ZREMRANGEBYSCORE', places, '-inf', '(' .. now)
else
  -- No job with a place waits: all accounts start again from the first place.
  now = 1
  redis.call('DEL', places)
end
redis.call('ZADD', places, now, '')

for i = 1, #jobs, 2 do
  local id, score = jobs[i], tonumber(jobs[i + 1])
  local key = ARGV[1] .. id
  local data, started = unpack(redis.call('HMGET', key, 'data', 'ats'))
  local line = string.match(data or '', '"accountId":"([^"]*)"') or 'unknown'
  if tonumber(started or 0) > 0 then line = 'again:' .. line end
  local last = tonumber(redis.call('ZSCORE', places, line) or 0)
  local place = math.min(math.max(now, last + 1), UNPLACED - 1)
  redis.call('ZADD', places, place, line)
  redis.call('ZADD', prioritized, place * SHIFT + score % SHIFT, id)
  if data then redis.call('HSET', key, 'priority', place) end
end
redis.call('EXPIRE', places, ${FAIR_ORDER_SECONDS})
return #jobs / 2
`;

const SHA = createHash('sha1').update(ARRANGE_JOBS).digest('hex');

/** One order for all processes. Its places are kept in Redis beside the queue, and are lost with it. */
export class RedisFairOrder extends FairOrder {
  readonly #redis: Redis;

  constructor(private readonly settings: QueueSettings) {
    super();
    this.#redis = connectRedis(settings, 'producer');
  }

  override priorities(_queue: Queue, accountIds: readonly string[]): Promise<readonly number[]> {
    return Promise.resolve(accountIds.map(() => UNPLACED));
  }

  override async arrange(queue: string): Promise<void> {
    try {
      while ((await this.#run(queue)) === BATCH);
    } catch {
      // The next call, from any process, places these jobs too.
    }
  }

  /** Sets the priority to UNPLACED: with its old place, a job would come back before all jobs that arrived during its delay. */
  override async leave(job: Job): Promise<void> {
    await job.changePriority({ priority: UNPLACED }).catch(() => undefined);
  }

  override close(): Promise<void> {
    return quitRedis(this.#redis);
  }

  async #run(queue: string): Promise<unknown> {
    const base = `${prefixOf(queue, this.settings)}:${queue}:`;
    const given = [`${base}fair-order`, `${base}prioritized`, base] as const;
    try {
      return await this.#redis.evalsha(SHA, 2, ...given);
    } catch (error) {
      // A restarted Redis has lost its script cache.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#redis.eval(ARRANGE_JOBS, 2, ...given);
    }
  }
}
