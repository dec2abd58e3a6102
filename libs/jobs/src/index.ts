export { type AnswerQuery, answerQuery } from './contracts/answer-query.job.js';
export { CONTRACT_OF, CONTRACTS } from './contracts/contracts.js';
export { type ExtractMemories, extractMemories } from './contracts/extract-memories.job.js';
export { type JobContract, jobIdOf, type PayloadOf, wipeSealed } from './contracts/job-contract.js';
export { type VerifyLlm, verifyLlm } from './contracts/verify-llm.job.js';
export { accountOf, FairOrder } from './fairness/fair-order.js';
export { JobsModule } from './jobs.module.js';
export { type OpenedEnvelope, OpenedEnvelopes } from './limits/opened-envelopes.js';
export { type RemainingRequests, RateLimits } from './limits/rate-limits.js';
export { RecentIds } from './limits/recent-ids.js';
export { RefusedKeys } from './limits/refused-keys.js';
export { HEARTBEAT_MS, RATE_WINDOW_MS } from './policy.js';
export { describeUnexpected } from './queue/describe-unexpected.js';
export { FinishedJobs } from './queue/finished-jobs.js';
export { JobProducer } from './queue/job-producer.js';
export { LiveJobs } from './queue/live-jobs.js';
export { queueConnection } from './open-queue-backend.js';
export { QueueRoom } from './queue/queue-room.js';
export { QueueServer, type ServerSettings } from './backend/queue-server.js';
export { prefixOf, type QueueSettings } from './connection/queue-settings.js';
export { within } from './backend/within.js';
export {
  type ExpectedReply,
  type Progress,
  type Reply,
  ReplyInbox,
  ReplyOutbox,
} from './replies/reply.js';
