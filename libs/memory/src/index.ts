export {
  type AuditEvent,
  type EventPage,
  type EventPageRequest,
  HistoryStore,
  type MemoryRef,
} from './supersession/history-store.js';
export { runErasure, cancelCoveredJobs } from './erasure/run-erasure.js';
export {
  type BegunErasure,
  type CancelledJob,
  type Erasure,
  type ErasureExtent,
  ErasureStore,
  type NewErasure,
} from './erasure/erasure.js';
export {
  type ErasureJob,
  JOB_STATES,
  type JobKind,
  type JobState,
  LISTED_KINDS,
  type ListedKind,
  type QueryJob,
  type RunnableJob,
  type StoredJob,
  type WriteJob,
} from './jobs/job.js';
export {
  type FailedJob,
  type JobAttempt,
  JobLifecycle,
  type JobRun,
  type JobTypes,
  type NewRun,
  type StoredResult,
  type SucceededJob,
  type UnfinishedJob,
} from './jobs/job-lifecycle.js';
export { type JobPage, JobReader, type ListJobs } from './jobs/job-reader.js';
export {
  citedPositions,
  type CitedTurn,
  neighboursOf,
  planTurnErasure,
} from './memories/cited-turns.js';
export {
  beginningOf,
  EXCERPT_CHARACTERS,
  excerptOf,
  MAX_CITED_TURNS,
  MEMORY_BUDGET_BYTES,
  WHOLE_CHARACTERS,
} from './memories/excerpt.js';
export { fold, withoutInvisible } from './memories/fold.js';
export { freshnessOf, type Moment, standingOf, type Version } from './memories/version.js';
export {
  CATEGORIES,
  type Category,
  type Extraction,
  type Memory,
  type Turn,
} from './memories/memory.js';
export {
  ALL_TENANTS,
  type FoundMemories,
  type ListRequest,
  type MemoryFilter,
  type MemoryPage,
  MemoryStore,
  type Scope,
  type SeenMemory,
} from './memories/memory-store.js';
export {
  type Answer,
  CITATION_MARKER,
  citationMarker,
  type NewQuery,
  type QueryClaim,
  type Question,
} from './queries/query.js';
export {
  type BatchResult,
  type FirstAnswer,
  type FirstCall,
  type IdempotencyHold,
  type KeyedCall,
  ReplayStore,
  type ReservedWrite,
} from './replays/replay-store.js';
export {
  type ClassifiedPair,
  type SupersessionEvidence,
  KnownSupersessions,
  MAX_KNOWN,
} from './retrieval/known-supersessions.js';
export {
  type Hit,
  MemoryIndex,
  type Retrieval,
  type Retrieved,
  SearchDocumentStore,
} from './retrieval/memory-index.js';
export { type Chain, type Link, MAX_CHAIN, timelineOf } from './supersession/chain.js';
export {
  type ComparedMemory,
  isExcluded,
  isExcludedOnSight,
  settleChoices,
} from './supersession/choose-supersession.js';
export {
  type Candidate,
  type Choice,
  type Classification,
  type ClassifierOwner,
  type ClassifiedFact,
  type Comparison,
  ownerOfClassifier,
  type Reason,
  type SkippedReason,
  type SupersessionOutcome,
  type SupersessionPolicy,
  uncompared,
  type Verdict,
  VERDICTS,
} from './supersession/comparison.js';
export type { AccountSpending, LlmAccount, TokenUsage } from './spending.js';
export {
  decideEnding,
  type RequestedEnding,
  type MemoryState,
} from './supersession/decide-ending.js';
export {
  canEnd,
  type Change,
  defaultEnd,
  type Ending,
  restore,
  supersede,
} from './supersession/supersede.js';
export { type Reasoning, SupersessionStore } from './supersession/supersession-store.js';
export { type ClockTime, clockTimeOf, isoWithOffset } from './time/clock-time.js';
export { contentAsFact } from './writes/content-as-fact.js';
export { capturedAt, validFromOf } from './writes/date-fact.js';
export { type DryFact, type DryRun, sizesOfDryFacts } from './writes/dry-run.js';
export {
  type Asker,
  type CandidateFact,
  type ContentWrite,
  isContent,
  isTextless,
  type Message,
  messagesOf,
  type MessagesWrite,
  type WriteRequest,
  type WriteScope,
} from './writes/write.js';
export {
  contentResult,
  dryRunResult,
  messagesResult,
  type WriteResult,
} from './writes/write-result.js';
export {
  type ExtractedFacts,
  type NewWrite,
  type Remembered,
  type RememberedWrite,
  type WriteClaim,
} from './writes/write-job.js';
