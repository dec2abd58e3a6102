export {
  CATEGORIES,
  type Category,
  type Extraction,
  type Memory,
  type Turn,
} from './memories/memory.js';
export {
  heldAt,
  type Moment,
  type Standing,
  standingOf,
  type Version,
} from './memories/version.js';
export { freshnessOf } from './memories/freshness.js';
export { fold } from './memories/fold.js';
export {
  ALL_TENANTS,
  type ListRequest,
  type MemoryFilter,
  MemoryStore,
  type Scope,
  type SeenMemory,
} from './memories/memory-store.js';
export {
  type ClassifiedPair,
  type KnownOf,
  KnownSupersessions,
  type SupersessionLink,
} from './retrieval/known-supersessions.js';
export { type Hit, MemoryIndex, type Retrieval, type Retrieved } from './retrieval/memory-index.js';
export type {
  Asker,
  CandidateFact,
  ContentWrite,
  LlmAccount,
  Message,
  MessagesWrite,
  SupersessionPolicy,
  WriteScope,
} from './writes/write.js';
export { capturedAt, validFromOf } from './writes/date-fact.js';
export {
  type ExtractedFacts,
  type NewWrite,
  type Remembered,
  type WriteClaim,
  WriteStore,
} from './writes/write-store.js';
export {
  type Answer,
  type NewQuery,
  type QueryClaim,
  type Question,
  QueryStore,
} from './queries/query-store.js';
export {
  JOB_STATES,
  type JobState,
  JobStore,
  type QueryJob,
  type StoredJob,
  type WriteJob,
  type WriteResult,
} from './jobs/job-store.js';
export { EndedStore } from './jobs/ended-store.js';
export {
  CHECK_EVERY_MS,
  type JobKind,
  type UnfinishedJob,
  UnfinishedStore,
} from './jobs/unfinished-store.js';
