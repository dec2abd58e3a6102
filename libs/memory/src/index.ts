export {
  type AuditEvent,
  type EventPage,
  type EventsAsked,
  HistoryStore,
  type MemoryEvent,
  type Named,
} from './supersession/history-store.js';
export { carryOut, endWork, type Means } from './erasure/carry-out.js';
export {
  type BegunErasure,
  type EndedWork,
  type Erasure,
  type ErasureExtent,
  ErasureStore,
  type NewErasure,
} from './erasure/erasure.js';
export {
  CHECK_EVERY_MS,
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
  type WriteResult,
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
export { citedPositions, type CitedTurn, neighboursOf, turnsLeft } from './memories/cited-turns.js';
export {
  beginningOf,
  EXCERPT_CHARACTERS,
  excerptOf,
  MAX_CITED_TURNS,
  MEMORY_BUDGET_BYTES,
  WHOLE_CHARACTERS,
} from './memories/excerpt.js';
export { fold, withoutInvisible } from './memories/fold.js';
export {
  freshnessOf,
  heldAt,
  type Moment,
  type Standing,
  standingOf,
  type Version,
} from './memories/version.js';
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
export { type Answer, type NewQuery, type QueryClaim, type Question } from './queries/query.js';
export {
  type BatchResult,
  type FirstAnswer,
  type FirstCall,
  type Hold,
  type KeyedCall,
  ReplayStore,
  type Reserved,
} from './replays/replay-store.js';
export {
  type ClassifiedPair,
  type HashedTurn,
  type KnownOf,
  KnownSupersessions,
  MAX_KNOWN,
  type SupersessionLink,
} from './retrieval/known-supersessions.js';
export {
  type Hit,
  MemoryIndex,
  type Retrieval,
  type Retrieved,
  SearchDocumentStore,
} from './retrieval/memory-index.js';
export { type Chain, leadsTo, type Link, MAX_CHAIN, timelineOf } from './supersession/chain.js';
export {
  chooseSupersession,
  type ComparedMemory,
  isExcluded,
  isExcludedOnSight,
  settleChoices,
} from './supersession/choose-supersession.js';
export {
  type Candidate,
  type Choice,
  type Classification,
  type Classifier,
  type Compared,
  type Comparison,
  type Reason,
  type SkippedReason,
  type SupersessionOutcome,
  uncompared,
  type Verdict,
  whoseClassifier,
} from './supersession/comparison.js';
export { decideEnding, type EndingAsked, type Stated } from './supersession/decide-ending.js';
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
export { type CitedMessage, type DryFact, type DryRun, sizesOfDryFacts } from './writes/dry-run.js';
export {
  type Asker,
  type CandidateFact,
  type ContentWrite,
  isContent,
  isTextless,
  type LlmAccount,
  type Message,
  messagesOf,
  type MessagesWrite,
  type SupersessionPolicy,
  type WriteRequest,
  type WriteScope,
} from './writes/write.js';
export {
  type ExtractedFacts,
  type NewWrite,
  type OwnersSpending,
  type Remembered,
  type RememberedWrite,
  type WriteClaim,
} from './writes/write-job.js';
