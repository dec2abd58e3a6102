export { type AnswerQuery, answerQuery } from './answer-query.job.js';
export { type ExtractMemories, extractMemories } from './extract-memories.job.js';
export { type JobContract, jobIdOf, type PayloadOf } from './job-contract.js';
export { JobProducer } from './job-producer.js';
export { CONTRACTS, JobsModule } from './jobs.module.js';
export { isOnPostgres, prefixOf, queueConnection, type QueueSettings } from './queue-connection.js';
export { type Expected, type Reply, ReplyInbox, ReplyOutbox } from './reply.js';
export { finalFailure, handBack, isLastAttempt, retryLater, wipeSealed } from './settle-failure.js';
export { WORKER_OPTIONS } from './worker-options.js';
