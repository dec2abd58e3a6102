/**
 * Every number of a job's life: attempts, waits, timeouts, locks, polling and retention. No other production file
 * defines one (test/house/policy.spec.ts). This file imports nothing, so that every lib and app may read it.
 */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

// --- Attempts and retries -------------------------------------------------------------------------------------------

/** Attempts of one run of a job. An attempt whose failure names a wait, such as a provider's, does not count. */
export const ATTEMPTS = 9;
/** First wait after a failed attempt, in milliseconds; BullMQ doubles it with each attempt. */
export const BACKOFF_MS = 10 * SECOND_MS;
/** Share of a backoff that is random, so that the jobs of a batch do not come back together. */
export const BACKOFF_JITTER = 0.5;
/** Time from the acceptance or retry of a job until its deadline, in milliseconds: a failure after the deadline is final. */
export const JOB_LIFETIME_MS = HOUR_MS;
/** Default of ATTEMPT_TIMEOUT_MS: one attempt may take this long, in milliseconds. */
export const ATTEMPT_TIMEOUT_MS = 300 * SECOND_MS;
/** A job whose worker was lost this often is failed, because it may be what kills its workers. */
export const MAX_STALLS = 3;
/** Lower bound of a wait that a provider asks for, in milliseconds, for the first `SHORT_PROVIDER_WAITS` attempts. */
export const MIN_PROVIDER_WAIT_MS = SECOND_MS;
/** Attempts that wait as briefly as the provider says: a real rate limit has passed by then, or names a longer wait. */
export const SHORT_PROVIDER_WAITS = 10;
/** After the short waits the lower bound doubles up to this, in milliseconds: a job calls fewer than 100 times in its hour. */
export const MAX_PROVIDER_WAIT_FLOOR_MS = MINUTE_MS;
/** An older worker puts a job of a newer payload version back into the queue for this long, in milliseconds. */
export const NEWER_JOB_DELAY_MS = 5 * SECOND_MS;
/** A job of a newer payload version is failed at this age, in milliseconds: no newer worker can be expected by then. */
export const NEWER_JOB_MAX_AGE_MS = JOB_LIFETIME_MS;
/** While Postgres is away, a worker keeps an outcome and tries to store it for this long, in milliseconds. */
export const STORE_OUTCOME_TIMEOUT_MS = 30 * SECOND_MS;
/** Pause between two tries to store an outcome, in milliseconds. */
export const STORE_OUTCOME_PAUSE_MS = 500;
/** `Retry-After` of an operation that lost to a concurrent change of the same rows, in milliseconds. */
export const CONFLICT_RETRY_AFTER_MS = SECOND_MS;
/** Comparing all new facts of one write may take this long, in milliseconds; later facts are stored uncompared. */
export const CLASSIFIER_TIMEOUT_MS = 20 * SECOND_MS;
/** Default of LLM_TIMEOUT_MS: one call to a provider may take this long, in milliseconds. */
export const LLM_TIMEOUT_MS = MINUTE_MS;

// --- Locks, places and shutdown -------------------------------------------------------------------------------------

/** A worker renews the lock of a job that it runs; without a renewal the lock runs out after this, in milliseconds. */
export const LOCK_MS = 15 * SECOND_MS;
/** Interval at which BullMQ looks for jobs without a lock, in milliseconds: a lost worker is noticed within 25 seconds. */
export const STALLED_CHECK_INTERVAL_MS = 10 * SECOND_MS;
/** Interval at which a worker gives places to delayed jobs that came due, in milliseconds. */
export const ARRANGE_INTERVAL_MS = SECOND_MS;
/** A parked job goes back into the queue after this, in milliseconds: another worker may have a place for it. */
export const MAX_PARKED_MS = SECOND_MS;
/** Interval at which one parked job may be sent back, in milliseconds; it bounds how often jobs pass through the queue. */
export const PARKING_CHECK_INTERVAL_MS = 50;
/** A job of an account that is over its share waits this long in the queue, in milliseconds. */
export const OVER_SHARE_DELAY_MS = SECOND_MS;
/** Default of SHUTDOWN_GRACE_MS: running attempts may go on for this long at shutdown, in milliseconds. */
export const SHUTDOWN_GRACE_MS = 10 * SECOND_MS;
/** After the grace, handing jobs back may take this long, in milliseconds; other workers find the remaining jobs as stalled. */
export const HAND_BACK_TIMEOUT_MS = 5 * SECOND_MS;

// --- Replies --------------------------------------------------------------------------------------------------------

/** Default of SYNC_WAIT_MS: a caller waits at most this long for an answer, in milliseconds. */
export const SYNC_WAIT_MS = 90 * SECOND_MS;
/** Interval at which a worker tells the waiting gateway that the job is alive, in milliseconds. */
export const HEARTBEAT_MS = 5 * SECOND_MS;
/** A waiting gateway gives up after this many heartbeats that did not arrive: one may be late and one may be lost. */
export const LOST_AFTER_HEARTBEATS = 3;
/** Sending the last progress messages may take this long, in milliseconds; the reply follows even if they are lost. */
export const LAST_PROGRESS_TIMEOUT_MS = 2 * SECOND_MS;
/** Lifetime of the copy of a reply in Redis, in seconds: pub/sub loses the replies that are sent while a gateway reconnects. */
export const REPLY_COPY_SECONDS = 30;
/** A waiting gateway looks for the copy of a missed reply this long before its timeout, in milliseconds. */
export const LAST_COPY_CHECK_MS = 250;
/** Interval at which a waiting gateway reads the job's row, in milliseconds: it only catches lost replies. */
export const REPLY_POLL_MS = 5 * SECOND_MS;
/** A cancel waits this long for a worker to let go of the job, in milliseconds. */
export const CANCEL_WAIT_MS = 2 * SECOND_MS;
/** Interval at which a cancel tries to take the job out of the queue, in milliseconds. */
export const CANCEL_POLL_MS = 25;

// --- The queue ------------------------------------------------------------------------------------------------------

/** `Retry-After` of a call that the queue did not take or answer, in milliseconds. */
export const RETRY_AFTER_MS = 5 * SECOND_MS;
/** A command of a producer fails after this, in milliseconds. */
export const QUEUE_COMMAND_TIMEOUT_MS = 5 * SECOND_MS;
/** Upkeep waits this long for an answer of the queue, in milliseconds. */
export const QUEUE_ANSWER_TIMEOUT_MS = 10 * SECOND_MS;
/** A gateway decides with this timeout, in milliseconds, whether the queue or the model failed to answer. */
export const QUEUE_REACHABLE_TIMEOUT_MS = SECOND_MS;
/** A queue's depth is measured again after this time, in milliseconds; admitted jobs are added to it meanwhile. */
export const QUEUE_DEPTH_MAX_AGE_MS = 250;
/** An older depth, in milliseconds, is not used while the next one is measured: calls wait for it. */
export const QUEUE_DEPTH_USABLE_MS = 5 * SECOND_MS;
/** Measuring the depth may take this long, in milliseconds; a queue that does not answer does not count as full. */
export const QUEUE_DEPTH_TIMEOUT_MS = 500;
/** Lifetime of the readiness check's test key, in seconds. */
export const QUEUE_PROBE_SECONDS = 60;
/** The last places of accounts are kept this long after the last job was placed, in seconds: longer than any job waits. */
export const FAIR_ORDER_SECONDS = 86_400;
/** The local fair order uses a reading of the queue's head for this long, in milliseconds. */
export const LOCAL_ORDER_MAX_AGE_MS = 250;

// --- Limits ---------------------------------------------------------------------------------------------------------

/** Window of the request limit of one API key, in milliseconds. */
export const RATE_WINDOW_MS = MINUTE_MS;
/** Counting a request may take this long, in milliseconds: every request waits for it. */
export const RATE_COUNT_TIMEOUT_MS = 250;
/** Window in which rejected provider keys are counted, in milliseconds. */
export const REFUSALS_WINDOW_MS = MINUTE_MS;
/** A caller with a rejected key may have only a few calls under way for this long, in milliseconds. */
export const PROBATION_MS = 10 * MINUTE_MS;
/** Shortest and longest delay of a job on probation, in milliseconds: random, so that a batch does not come back at once. */
export const PROBATION_DELAY_MS = { min: 10 * SECOND_MS, max: 30 * SECOND_MS } as const;

// --- Upkeep and retention -------------------------------------------------------------------------------------------

/** Default of RECONCILE_INTERVAL_MS: pause between two rounds of upkeep, in milliseconds. */
export const UPKEEP_INTERVAL_MS = 30 * SECOND_MS;
/** Interval at which upkeep checks that an unfinished row has its job, in milliseconds. */
export const CHECK_INTERVAL_MS = MINUTE_MS;
/** A row younger than this may be about to be queued by its gateway, in milliseconds. */
export const ENQUEUE_TIMEOUT_MS = 15 * SECOND_MS;
/** A row whose job is lost is failed as overdue this long after its deadline, in milliseconds. Until then it may run again. */
export const OVERDUE_AFTER_MS = 300 * SECOND_MS;
/** Erasures may use this much of one round of upkeep, in milliseconds. */
export const ERASURE_ROUND_MS = 20 * SECOND_MS;
/** Rebuilding search documents may use this much of one round of upkeep, in milliseconds. */
export const REBUILD_ROUND_MS = 20 * SECOND_MS;
/** Rows of succeeded and cancelled jobs are kept for this long after their end, in milliseconds. */
export const SUCCEEDED_RETENTION_MS = 24 * HOUR_MS;
/** Rows of failed jobs are kept for this long after their end, in milliseconds. */
export const FAILED_RETENTION_MS = 7 * 24 * HOUR_MS;
/** First answers are kept for a repeated Idempotency-Key for this long, in milliseconds. */
export const REPLAY_RETENTION_MS = 24 * HOUR_MS;
/** Rows of ended erasures are kept for this long, in milliseconds. */
export const ERASURE_RETENTION_MS = 24 * HOUR_MS;
/** An account erasure is carried out again for this long after its end, in milliseconds, to catch late writes. */
export const ACCOUNT_ERASURE_REPEAT_MS = 10 * MINUTE_MS;
/** Failed jobs that a queue keeps, so that Bull Board shows them. */
export const FAILED_JOBS_KEPT = 5_000;
