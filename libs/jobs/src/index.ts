export { type AnswerQuery, answerQuery } from './answer-query.job.js';
export type { ActiveJob, Attempt, JobIds, JobObserver } from './attempt.js';
export { AttemptRunner, type AttemptRunnerOptions } from './attempt-runner.js';
export { CONTRACT_OF } from './contract-of.js';
export { describeUnexpected } from './describe-unexpected.js';
export { type ExtractMemories, extractMemories } from './extract-memories.job.js';
export { FairOrder } from './fair-order.js';
export { FinishedJobs } from './finished-jobs.js';
export { type JobContract, jobIdOf, type PayloadOf } from './job-contract.js';
export { JobProducer } from './job-producer.js';
export { CONTRACTS, JobsModule } from './jobs.module.js';
export { LiveJobs } from './live-jobs.js';
export { HEARTBEAT_MS, ProgressTeller } from './progress-teller.js';
export { type OpenedEnvelope, OpenedEnvelopes } from './opened-envelopes.js';
export { isOnPostgres, prefixOf, queueConnection, type QueueSettings } from './queue-connection.js';
export { QueueRoom } from './queue-room.js';
export { QueueServer, type ServerSettings } from './queue-server.js';
export { RATE_WINDOW_MS, type RateLeft, RateLimits } from './rate-limits.js';
export { RefusedKeys } from './refused-keys.js';
export { type Expected, type Progress, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
export {
  finalFailure,
  guardedByLock,
  handBack,
  isLastAttempt,
  retryLater,
  wipeSealed,
} from './settle-failure.js';
export type { EndRow } from './unreadable-job.js';
export { type VerifyLlm, verifyLlm } from './verify-llm.job.js';
export { WORKER_OPTIONS } from './worker-options.js';
